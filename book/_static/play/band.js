/* Read a confidence band sideways: which times are possible medians, on the chosen scale and level. */
"use strict";

aicePlay.add("band", (stage, data, kit) => {
  const { fixed } = aicePlay;
  let [time, scale, level] = [data.time, data.scale, data.level];
  const of = (key) => [...new Set(data.bands.map((band) => band[key]))];

  kit.slider({ label: `Time (${data.unit})`, max: data.last, value: time, react: (v) => { time = v; draw(); } });
  kit.choice({ label: "Scale", options: of("scale").map((v) => [v, v]), value: scale, react: (v) => { scale = v; draw(); } });
  kit.choice({ label: "Level", options: of("level").map((v) => [String(v), `${100 * v}%`]), value: String(level),
    react: (v) => { level = Number(v); draw(); } });
  const plot = kit.plot({ x: [0, data.last + 1], y: [0, 1], xLabel: `Time (${data.unit})`, yLabel: "Share event-free" });

  function draw() {
    const { rows, limits: [lower, upper] } = data.bands.find((band) => band.scale === scale && band.level === level);
    const [, share, low, high] = rows.filter(([at]) => at <= time).at(-1);
    const side = lower === null || time < lower ? "too short" : upper !== null && time >= upper ? "too long" : "possible";
    plot.clear();
    plot.across(0.5);
    for (const [place, style] of [[2, "b"], [3, "b"], [1, "a"]]) {
      const known = rows.filter((row) => row[place] !== null).map((row) => [row[0], row[place]]);
      plot.steps([...known, [data.last, known.at(-1)[1]]], style);
    }
    if (lower !== null) plot.line([[lower, 0.5], [upper === null ? data.last + 1 : upper, 0.5]], "strong");
    plot.down(time, "d");
    plot.dot(time, share, "a");
    const band = low === null ? "The band says nothing yet" : `The band runs from ${fixed(low, 3)} to ${fixed(high, 3)}`;
    const end = (limit) => (limit === null ? "not reached" : String(limit));
    plot.describe(`Curve and ${100 * level}% band on the ${scale} scale; interval of the median ${end(lower)} to ${end(upper)}.`);
    kit.tell(`At ${time} ${data.unit} the curve stands at ${fixed(share, 3)}. ${band}: as a median, ${time} ${data.unit} is ${side}. ` +
      `${100 * level}% interval of the median on the ${scale} scale: ${end(lower)} to ${end(upper)}.`,
    { time, scale, level, share, low, high, side, lower, upper });
  }
  draw();
});
