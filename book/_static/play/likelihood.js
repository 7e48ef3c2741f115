/* Move the log hazard ratio of six invented patients: log partial likelihood, its slope, each event's probability. */
"use strict";

aicePlay.add("likelihood", (stage, data, kit) => {
  const { fixed } = aicePlay;
  const signed = (value, digits) => value.toFixed(digits).replace(/^-(?=0\.?0*$)/, "").replace("-", "−");
  const range = [-3, 5];
  const sets = Object.fromEntries(Object.entries(data.sets).map(([key, [names, times, events, exposed]]) =>
    [key, names.map((name, i) => ({ name, time: times[i], event: events[i] === 1, exposed: exposed[i] === 1 }))]));
  let chosen = "six";
  let beta = 0;

  /* Each event is a draw among those at risk; an exposed patient holds exp(beta) tickets. */
  function draws(b) {
    const patients = sets[chosen];
    return patients.filter((p) => p.event).map((p) => {
      const atRisk = patients.filter((q) => q.time >= p.time);
      const exposed = Math.exp(b) * atRisk.filter((q) => q.exposed).length;
      const all = exposed + atRisk.filter((q) => !q.exposed).length;
      return { ...p, share: exposed / all, probability: (p.exposed ? Math.exp(b) : 1) / all };
    });
  }
  function at(b) {
    const sum = (value) => draws(b).reduce((total, draw) => total + value(draw), 0);
    return {
      height: sum((draw) => Math.log(draw.probability)),
      score: sum((draw) => (draw.exposed ? 1 : 0) - draw.share),
      information: sum((draw) => draw.share * (1 - draw.share)),
    };
  }

  kit.choice({
    label: "Patients", value: chosen,
    options: [["six", "the six of this page"], ["separated", "without a finite estimate"]],
    react: (key) => { chosen = key; draw(); },
  });
  const slider = kit.slider({
    label: "Log hazard ratio β", min: range[0], max: range[1], step: 0.05, value: 0,
    show: (value) => signed(value, 2), react: (value) => { beta = value; draw(); },
  });
  kit.button("Newton's step", () => {
    const here = at(beta);
    beta = Math.max(range[0], Math.min(range[1], beta + here.score / here.information));
    slider.value = beta;
    draw();
  });
  kit.button("Back to 0", () => { beta = 0; slider.value = 0; draw(); });
  const plot = kit.plot({
    x: range, y: [-11, -3], height: 280, xLabel: "Log hazard ratio β", yLabel: "Log partial likelihood",
  });
  kit.add(kit.element("p", {}, "Probability of each event, given that one of those at risk has it:"));
  const list = kit.add(kit.element("ul", {}));
  const grid = Array.from({ length: 161 }, (_, i) => range[0] + (i * (range[1] - range[0])) / 160);

  function draw() {
    const here = at(beta);
    const events = draws(beta);
    plot.clear();
    plot.down(0);
    const inside = ([, height]) => height >= -11 && height <= -3;
    plot.line(grid.map((b) => [b, at(b).height]).filter(inside), "a");
    const tangent = [-0.8, 0.8].map((run) => [beta + run, here.height + run * here.score]);
    if (tangent.every(([b, height]) => b >= range[0] && b <= range[1] && inside([b, height]))) plot.line(tangent, "b");
    plot.dot(beta, here.height, "strong");
    plot.describe(`Log partial likelihood over β; now ${signed(here.height, 3)} at ${signed(beta, 2)}.`);
    list.replaceChildren(...events.map((event) => {
      const meter = kit.element("meter", { min: 0, max: 1, value: event.probability, "aria-hidden": "true" });
      const words = ` ${fixed(event.probability, 3)}: ${event.name} (${event.exposed ? "exposed" : "not exposed"}) ` +
        `at ${event.time} ${event.time === 1 ? data.unit.replace(/s$/, "") : data.unit}`;
      return kit.element("li", {}, meter, words);
    }));
    const product = Math.exp(here.height);
    const flat = Math.abs(here.score) < 5e-4;
    const way = flat ? "flat: this is the top" : `uphill to the ${here.score > 0 ? "right" : "left"}`;
    kit.tell(
      `β = ${signed(beta, 3)}, hazard ratio ${fixed(Math.exp(beta), 2)}. Product of the probabilities ` +
        `${fixed(product, 5)}, its logarithm ${signed(here.height, 3)}; slope ${signed(here.score, 3)} (${way}), ` +
        `curvature ${fixed(here.information, 3)}.`,
      { beta, ...here, probabilities: events.map((event) => event.probability) },
    );
  }
  draw();
});
