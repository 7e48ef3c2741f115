/* Build the log-rank test of two small groups event by event; patients can change their group. */
"use strict";

aicePlay.add("logrank", (stage, data, kit) => {
  const { fixed } = aicePlay;
  const patients = data.patients.map(([group, time, event], place) =>
    ({ name: place + 1, inB: group === "B", time, event: event === 1 }));
  const times = [...new Set(patients.filter((p) => p.event).map((p) => p.time))].sort((a, b) => a - b);
  let passed = 0;

  kit.button("Start again", () => { passed = 0; draw(); });
  kit.button("One event time back", () => { passed = Math.max(0, passed - 1); draw(); });
  kit.button("Next event time", () => { passed = Math.min(times.length, passed + 1); draw(); });
  const legend = kit.element("legend", {}, "Ticked patients are in group B, the others in group A (c: censored)");
  const list = kit.add(kit.element("fieldset", { class: "aice-patients" }, legend));
  for (const patient of patients) {
    const box = kit.element("input", { type: "checkbox", onchange: () => { patient.inB = box.checked; draw(); } });
    box.checked = patient.inB;
    list.append(kit.element("label", {}, box, ` ${patient.name} at ${patient.time}${patient.event ? "" : " c"}`));
  }
  const plot = kit.plot({
    x: [0, Math.max(...patients.map((p) => p.time)) + 1], y: [-4, 4], height: 260,
    xLabel: `Time (${data.unit})`, yLabel: "Sum of O − E in group B",
  });

  /* The hypergeometric mean and variance of the events in B at one time. */
  function tableAt(time) {
    const atRisk = patients.filter((p) => p.time >= time);
    const dying = atRisk.filter((p) => p.event && p.time === time);
    const [n, d] = [atRisk.length, dying.length];
    const [inB, observed] = [atRisk, dying].map((some) => some.filter((p) => p.inB).length);
    const share = inB / n;
    const variance = n > 1 ? (d * share * (1 - share) * (n - d)) / (n - 1) : 0;
    return { time, n, d, inB, observed, expected: d * share, variance };
  }

  function draw() {
    const tables = times.slice(0, passed).map(tableAt);
    const sum = (name) => tables.reduce((total, table) => total + table[name], 0);
    const [observed, expected, variance] = ["observed", "expected", "variance"].map(sum);
    const chi = variance > 1e-12 ? (observed - expected) ** 2 / variance : null;
    const points = [[0, 0]];
    for (const table of tables) points.push([table.time, points.at(-1)[1] + table.observed - table.expected]);
    plot.clear();
    plot.across(0);
    plot.steps(points, "a");
    plot.dot(...points.at(-1), "a");
    plot.describe(`Running sum of observed minus expected events in group B, now ${fixed(observed - expected, 2)}.`);
    const last = tables.at(-1);
    const now = last
      ? `At ${last.time} ${data.unit}: ${last.n} at risk, ${last.inB} of them in B; ${last.d} with the event, ` +
        `${last.observed} of them in B. Expected in B: ${last.d} × ${last.inB}/${last.n} = ${fixed(last.expected, 2)}. `
      : "";
    kit.tell(
      `${passed} of ${times.length} event times passed. ${now}So far in B: observed ${observed}, ` +
        `expected ${fixed(expected, 2)}, variance ${fixed(variance, 2)}, ` +
        `chi-square ${chi === null ? "not defined" : fixed(chi, 2)}.`,
      { passed, observed, expected, variance, chi },
    );
  }
  draw();
});
