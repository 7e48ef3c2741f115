/* Two survival curves whose hazard ratio changes once: where they cross, and what the usual summaries make of them. */
"use strict";

aicePlay.add("crossing", (stage, data, kit) => {
  const { fixed } = aicePlay;
  const rate = Math.LN2 / data.median;
  const chosen = { ...data.start };
  const ratioSlider = (key, label) => kit.slider({
    label, max: data.ratios.length - 1, value: data.ratios.indexOf(chosen[key]), show: (place) => String(data.ratios[place]),
    react: (place) => { chosen[key] = data.ratios[place]; draw(); },
  });
  const timeSlider = (key, label, min, max) => kit.slider({
    label, min, max, value: chosen[key], show: (time) => `${time} ${data.unit}`,
    react: (time) => { chosen[key] = time; draw(); },
  });
  ratioSlider("early", "Hazard ratio before the change");
  ratioSlider("late", "Hazard ratio after the change");
  timeSlider("change", "Change", 1, 36);
  timeSlider("end", "End of follow-up", 3, 60);
  const plot = kit.plot({ x: [0, 60], y: [0, 1], xLabel: `Time (${data.unit})`, yLabel: "Share event-free", xTicks: [0, 12, 24, 36, 48, 60] });

  const reference = (t) => Math.exp(-rate * t);
  const other = (t) => Math.exp(-rate * (chosen.early * Math.min(t, chosen.change) + chosen.late * Math.max(t - chosen.change, 0)));
  const mean = (ratio, length) => (1 - Math.exp(-rate * ratio * length)) / (rate * ratio);

  /* Simpson's rule. */
  function area(height, from, to, parts = 200) {
    const step = (to - from) / parts;
    let sum = height(from) + height(to);
    for (let k = 1; k < parts; k++) sum += (k % 2 ? 4 : 2) * height(from + k * step);
    return (sum * step) / 3;
  }

  /* The value to which Cox's estimate tends in large groups of equal size that are all followed to the end: there the
     expected score is zero. It lies between the two ratios, and the score falls as the ratio grows. */
  function average() {
    const { early, late, change, end } = chosen;
    if (early === late || end <= change) return early;
    const excess = (ratio) => {
      const weight = (t) => (reference(t) * other(t)) / (reference(t) + ratio * other(t));
      return area(weight, 0, change) * (early - ratio) + area(weight, change, end) * (late - ratio);
    };
    let [low, high] = [Math.min(early, late), Math.max(early, late)];
    for (let k = 0; k < 50; k++) {
      const middle = (low + high) / 2;
      if (excess(middle) > 0) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  function draw() {
    const { early, late, change, end } = chosen;
    const turn = Math.min(change, end);
    const crosses = (early - 1) * (late - 1) < 0 && (change * (late - early)) / (late - 1) <= end;
    const crossing = crosses ? (change * (late - early)) / (late - 1) : null;
    const rmst = mean(early, turn) + other(turn) * mean(late, end - turn) - mean(1, end);
    const hazardRatio = average();
    const times = Array.from({ length: 101 }, (_, k) => (end * k) / 100);
    plot.clear();
    plot.down(end);
    if (change < end) plot.down(change);
    plot.band(times.map((t) => [t, Math.min(reference(t), other(t))]), times.map((t) => [t, Math.max(reference(t), other(t))]), "c");
    plot.line(times.map((t) => [t, reference(t)]), "a");
    plot.line(times.map((t) => [t, other(t)]), "b");
    if (crosses) plot.dot(crossing, reference(crossing), "strong");
    const apart = reference(end) > other(end) ? [16, -6] : [-6, 16];
    plot.text(end, reference(end), "reference", end > 48 ? "end" : "start", end > 48 ? -6 : 6, apart[1]);
    plot.text(end, other(end), "other", end > 48 ? "end" : "start", end > 48 ? -6 : 6, apart[0]);
    plot.describe(`Survival of two groups up to ${end} ${data.unit}: reference ${fixed(reference(end), 2)}, other ${fixed(other(end), 2)} at the end.`);
    const where = crosses ? `The curves cross at ${fixed(crossing, 1)} ${data.unit}.` : `The curves do not cross within ${end} ${data.unit}.`;
    const lives = Math.abs(rmst) < 0.005 ? "The areas under the curves are equal" : `The other group lives ${fixed(Math.abs(rmst), 2)} ${data.unit} ` +
      `${rmst > 0 ? "longer" : "shorter"} on average within these ${end} ${data.unit}`;
    kit.tell(`${where} ${lives}. Average hazard ratio, other against reference: ${fixed(hazardRatio, 2)}.`,
      { ...chosen, crossing, rmst, average: hazardRatio, reference: reference(end), other: other(end) });
  }
  draw();
});
