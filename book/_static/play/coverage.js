/* Coverage of the exact, Wald and Wilson intervals of a proportion, worked out for every true rate. */
"use strict";

aicePlay.add("coverage", (stage, data, kit) => {
  const { fixed } = aicePlay;
  const METHODS = [["exact", "Exact", "a"], ["Wald", "Wald", "b"], ["Wilson", "Wilson", "c"]];
  const GRID = Array.from({ length: 197 }, (_, k) => (k + 2) / 200);
  const FLOOR = 0.6;
  let [n, percent, level] = [data.n, data.rate, data.level];

  /* Logarithms of the binomial coefficients "n over k". */
  function coefficients(size) {
    const found = [0];
    for (let k = 1; k <= size; k++) found.push(found[k - 1] + Math.log((size - k + 1) / k));
    return found;
  }

  function probabilities(logs, p) {
    return logs.map((c, k) => Math.exp(c + k * Math.log(p) + (n - k) * Math.log1p(-p)));
  }

  /* The rate at which `count` or more responders have the probability `tail`, by halving what can still hold it. */
  function lowerLimit(count, tail, logs) {
    if (count === 0) return 0;
    let [low, high] = [0, count / n];
    while (high - low > 1e-13 * high) {
      const p = (low + high) / 2;
      let term = Math.exp(logs[count] + count * Math.log(p) + (n - count) * Math.log1p(-p));
      let sum = term;
      for (let k = count; k < n && term > 1e-18 * sum; k++) {
        term *= ((n - k) / (k + 1)) * (p / (1 - p));
        sum += term;
      }
      if (sum < tail) low = p;
      else high = p;
    }
    return (low + high) / 2;
  }

  function limits(logs) {
    const z = data.levels.find(([value]) => value === level)[1];
    const counts = Array.from({ length: n + 1 }, (_, k) => k);
    const lowest = counts.map((k) => lowerLimit(k, (1 - level) / 2, logs));
    return {
      /* No responder seen among n is every responder seen among the others: the upper limit mirrors the lower one. */
      exact: counts.map((k) => [lowest[k], 1 - lowest[n - k]]),
      Wald: counts.map((k) => {
        const half = z * Math.sqrt(((k / n) * (1 - k / n)) / n);
        return [k / n - half, k / n + half];
      }),
      Wilson: counts.map((k) => {
        const [share, weight] = [k / n, (z * z) / n];
        const middle = (share + weight / 2) / (1 + weight);
        const half = (z / (1 + weight)) * Math.sqrt((share * (1 - share)) / n + weight / (4 * n));
        return [k === 0 ? 0 : middle - half, k === n ? 1 : middle + half];
      }),
    };
  }

  const held = (found, chance, p) => found.reduce((sum, [low, high], k) => (low <= p && p <= high ? sum + chance[k] : sum), 0);
  const meanWidth = (found, chance) => found.reduce((sum, [low, high], k) => sum + chance[k] * (high - low), 0);

  kit.slider({ label: "Patients in each study", min: 5, max: 200, value: n, react: (v) => { n = v; draw(); } });
  kit.slider({ label: "True rate", min: 1, max: 99, value: percent, show: (v) => `${v}%`, react: (v) => { percent = v; draw(); } });
  kit.choice({ label: "Level", options: data.levels.map(([v]) => [String(v), `${v * 100}%`]), value: String(level),
    react: (v) => { level = Number(v); draw(); } });
  const plot = kit.plot({ x: [0, 1], y: [FLOOR, 1], xLabel: "True rate", yLabel: "Share of studies that hold it", height: 320 });

  function draw() {
    const logs = coefficients(n);
    const found = limits(logs);
    const p = percent / 100;
    const chance = probabilities(logs, p);
    const chances = GRID.map((rate) => probabilities(logs, rate));
    const [coverage, width, lowest] = [{}, {}, {}];
    plot.clear();
    plot.across(level, "strong");
    plot.down(p);
    for (const [key, , style] of METHODS) {
      coverage[key] = held(found[key], chance, p);
      width[key] = meanWidth(found[key], chance);
      const curve = GRID.map((rate, place) => held(found[key], chances[place], rate));
      lowest[key] = Math.min(...curve);
      plot.line(curve.map((share, place) => [GRID[place], Math.max(FLOOR, share)]), style);
      plot.dot(p, Math.max(FLOOR, coverage[key]), style);
    }
    const cent = (share) => `${fixed(100 * share, 1)}%`;
    const words = METHODS.map(([key, name]) => `${name} ${cent(coverage[key])} (mean width ${fixed(width[key], 3)})`).join("; ");
    const least = METHODS.map(([key, name]) => `${name} ${cent(lowest[key])}`).join(", ");
    const below = METHODS.some(([key]) => lowest[key] < FLOOR) ? " A line at the lower edge means 60% or less." : "";
    plot.describe(`Coverage of three intervals over the true rate, ${n} patients, level ${100 * level}%. Lowest: ${least}.`);
    kit.tell(`${n} patients, true rate ${percent}%, level ${100 * level}%. Share of studies whose interval holds the true rate: ` +
      `${words}. Lowest over the rates drawn (1% to 99%): ${least}.${below}`, { n, rate: p, level, coverage, width, lowest });
  }
  draw();
});
