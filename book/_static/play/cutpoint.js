/* Move a cut-point along a measurement: the two groups' curves, the P value at every cut, by itself and for the search. */
"use strict";

aicePlay.add("cutpoint", (stage, data, kit) => {
  const { fixed, pWords } = aicePlay;
  const unit = data.unit ? ` ${data.unit}` : "";
  const everywhere = data.sets.flatMap((each) => each.cuts);
  const [first, last] = [Math.min(...everywhere), Math.max(...everywhere)];
  const nearest = (cut) => set.cuts.reduce((best, one, k) => (Math.abs(one - cut) < Math.abs(set.cuts[best] - cut) ? k : best), 0);
  let set = data.sets[0];

  const lowest = Math.min(...data.sets.flatMap((each) => each.p));
  const floor = Math.max(1e-6, Math.min(0.001, 10 ** Math.floor(Math.log10(lowest || 1e-6))));
  const powers = [1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6].filter((p) => p >= floor * 0.999);
  const pad = (last - first) * 0.03;

  kit.choice({
    label: "Patients", value: "0", options: data.sets.map((each, place) => [String(place), each.name]),
    react: (place) => {
      const cut = set.cuts[slider.value];
      set = data.sets[Number(place)];
      slider.max = set.cuts.length - 1;
      slider.value = nearest(cut);
      draw();
    },
  });
  const slider = kit.slider({
    label: `Cut of ${data.measure}`, max: set.cuts.length - 1, value: Math.floor(set.cuts.length / 2),
    show: (place) => `${set.cuts[place]}${unit}`, react: () => draw(),
  });
  kit.button("Go to the lowest P value", () => { slider.value = set.chi.indexOf(Math.max(...set.chi)); draw(); });

  const search = kit.plot({
    x: [first - pad, last + pad], y: [floor, 1], log: true, yTicks: powers, height: 260,
    xLabel: `Cut of ${data.measure}${data.unit ? ` (${data.unit})` : ""}`, yLabel: "P value",
  });
  kit.add(kit.element("p", {}, "Solid: each cut taken by itself. Dashed: for the whole search. Faint line: the level of significance."));
  const curves = kit.plot({ x: [0, data.moments.at(-1)], y: [0, 1], height: 260, xLabel: `Time (${data.time})`, yLabel: "Without event" });
  kit.add(kit.element("p", {}, `${data.endpoint}. Solid: at most the cut. Dashed: more than the cut.`));

  const shown = (p) => Math.max(floor, p);

  function draw() {
    const [cuts, place] = [set.cuts, slider.value];
    const [more, chi, p, adjusted] = [set.more[place], set.chi[place], set.p[place], set.adjusted[place]];
    const least = set.n - more;
    search.clear();
    search.across(data.alpha);
    search.line(cuts.map((cut, k) => [cut, shown(set.p[k])]), "a");
    search.line(cuts.map((cut, k) => [cut, shown(set.adjusted[k])]), "b");
    search.down(cuts[place], "strong");
    search.dot(cuts[place], shown(p), "a");
    search.dot(cuts[place], shown(adjusted), "b");
    search.describe(`P value against the cut; at ${cuts[place]}${unit} ${pWords(p)} by itself and ${pWords(adjusted)} for the search.`);
    curves.clear();
    set.curves[place].forEach((curve, side) => curves.steps(
      curve.map((share, k) => [data.moments[k], share]).filter(([, share]) => share !== null).map(([t, share]) => [t, share / 1000]),
      side ? "b" : "a",
    ));
    curves.describe(`Kaplan-Meier curves of ${least} patients at most and ${more} more than ${cuts[place]}${unit}.`);
    kit.tell(
      `${set.name}, cut at ${cuts[place]}${unit}: ${least} patients at or below, ${more} above. Log-rank chi-square ${fixed(chi, 2)}. ` +
      `Taken by itself ${pWords(p)}; for the search over ${data.cutsSearched} cuts ${pWords(adjusted)}.`,
      { set: set.name, cut: cuts[place], atMost: least, more, chi, p, adjusted },
    );
  }
  draw();
});
