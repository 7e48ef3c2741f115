/* The landmark analysis of a cohort at one landmark after the other: hazard ratio, and who takes part. */
"use strict";

aicePlay.add("landmark", (stage, data, kit) => {
  const { fixed } = aicePlay;
  const { rows, unit } = data;
  const first = rows[0];
  const all = first.responders + first.others + first.events_before + first.censored_before;
  const [low, high] = [0.05, 20];
  const last = rows.at(-1).landmark;
  const within = (ratio) => Math.min(high, Math.max(low, ratio));
  let place = data.start;

  kit.slider({
    label: "Landmark", max: rows.length - 1, value: place, show: (at) => `${rows[at].landmark} ${unit}`,
    react: (at) => { place = at; draw(); },
  });
  const ratios = kit.plot({
    x: [0, last], y: [low, high], xLabel: `Landmark (${unit})`, yLabel: "Hazard ratio (log scale)", log: true,
    yTicks: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20],
  });
  const counts = kit.plot({ x: [0, last], y: [0, all], xLabel: `Landmark (${unit})`, yLabel: "Patients", height: 240 });
  const limit = (ratio) => (ratio > 1000 ? "above 1000" : fixed(ratio, 2));
  const people = (count) => `${count} ${count === 1 ? "patient" : "patients"}`;

  function drawRatios(now) {
    ratios.clear();
    ratios.across(1, "strong");
    if (data.naive >= low && data.naive <= high) {
      ratios.across(data.naive, "d");
      ratios.text(0, data.naive, "naive");
    }
    ratios.down(now.landmark);
    for (const row of rows.filter((each) => each.estimate !== null)) {
      const style = row === now ? "b" : "a";
      ratios.line([[row.landmark, within(row.conf_low)], [row.landmark, within(row.conf_high ?? high)]], row === now ? "strong" : "a");
      if (row.estimate >= low && row.estimate <= high) ratios.dot(row.landmark, row.estimate, style, row === now ? 8 : 4);
    }
  }

  /* Four layers, from the bottom: left out, responders, others who respond later, others who do not. */
  function drawCounts(now) {
    const layers = [
      ["left out", "strong", (row) => row.events_before + row.censored_before],
      ["responders", "b", (row) => row.responders],
      ["respond later", "c", (row) => row.later],
      ["do not respond", "a", (row) => row.others - row.later],
    ];
    let floor = rows.map((row) => [row.landmark, 0]);
    counts.clear();
    for (const [name, style, size] of layers) {
      const ceiling = rows.map((row, k) => [row.landmark, floor[k][1] + size(row)]);
      counts.band(floor, ceiling, style);
      counts.line(ceiling, style);
      const widest = rows.reduce((best, row, k) => (size(row) > size(rows[best]) ? k : best), 0);
      const anchor = widest === 0 ? "start" : widest === rows.length - 1 ? "end" : "middle";
      if (size(rows[widest]) > all / 12) {
        counts.text(rows[widest].landmark, (floor[widest][1] + ceiling[widest][1]) / 2, name, anchor, { start: 6, end: -6, middle: 0 }[anchor], 5);
      }
      floor = ceiling;
    }
    counts.down(now.landmark, "strong");
  }

  function draw() {
    const now = rows[place];
    drawRatios(now);
    drawCounts(now);
    const ratio = now.estimate === null ? `The hazard ratio is ${now.note}.` :
      `Hazard ratio of responders against the others ${fixed(now.estimate, 2)} (${data.level} CI ${limit(now.conf_low)} to ${limit(now.conf_high)}).`;
    const out = now.events_before + now.censored_before;
    const left = `Left out: ${people(out)}, ${now.events_before} with the event and ${now.censored_before} censored by then.`;
    const kept = `Kept: ${people(now.responders + now.others)}, ${now.responders} who had responded (${now.responder_events} events) and ` +
      `${now.others} who had not (${now.other_events} events); ${now.later} of these responded later.`;
    ratios.describe(`Hazard ratios at ${rows.length} landmarks. At ${now.landmark} ${unit}: ${fixed(now.estimate, 2)}. Counted naively from time zero: ${fixed(data.naive, 2)}.`);
    counts.describe(`Patients at ${now.landmark} ${unit}: ${out} left out, ${now.responders} responders, ${now.others} others.`);
    kit.tell(`${data.endpoint}, landmark at ${now.landmark} ${unit}. ${ratio} ${left} ${kept}`, now);
  }
  draw();
});
