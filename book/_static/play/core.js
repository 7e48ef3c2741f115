/* Ground for the interactive figures: finds them on the page, hands each its data and a kit of controls and drawing.
   A figure's script calls aicePlay.add(kind, build); build(stage, data, kit) fills the stage. Whatever a figure shows
   as numbers it also passes to kit.tell(text, values): the text is read out, the values can be checked. */
"use strict";

window.aicePlay = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  let count = 0;

  function element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  }

  function drawn(name, attributes, text) {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  }

  /* Round steps of 1, 2 or 5 that divide a span into about `wanted` parts. */
  function ticks([low, high], wanted = 6) {
    const raw = (high - low) / wanted;
    const size = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((k) => k * size).find((s) => s >= raw);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(Number((k * step).toPrecision(12)));
    return found;
  }

  /* A plot with axes. Positions are in data units; classes a, b, c, d are the series, "faint" and "strong" the rest. */
  function plot({ x, y, xLabel, yLabel, height = 300, xTicks, yTicks, log = false }) {
    const [width, left, right, top, bottom] = [640, 66, 16, 12, 56];
    const position = (v) => (log ? Math.log(v) : v);
    const px = (v) => left + ((v - x[0]) / (x[1] - x[0])) * (width - left - right);
    const py = (v) => height - bottom - ((position(v) - position(y[0])) / (position(y[1]) - position(y[0]))) * (height - top - bottom);
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "aice-plot" });
    const axes = drawn("g", { class: "aice-axes" });
    axes.append(drawn("path", { d: `M${left},${top}V${height - bottom}H${width - right}` }));
    for (const v of xTicks || ticks(x)) {
      axes.append(drawn("path", { d: `M${px(v)},${height - bottom}v5` }));
      axes.append(drawn("text", { x: px(v), y: height - bottom + 23, "text-anchor": "middle" }, String(v)));
    }
    for (const v of yTicks || ticks(y, 5)) {
      axes.append(drawn("path", { d: `M${left},${py(v)}h-5` }));
      axes.append(drawn("text", { x: left - 9, y: py(v) + 5, "text-anchor": "end" }, String(v)));
    }
    axes.append(drawn("text", { x: (left + width - right) / 2, y: height - 7, "text-anchor": "middle" }, xLabel));
    const middle = (top + height - bottom) / 2;
    axes.append(drawn("text", { x: 18, y: middle, "text-anchor": "middle", transform: `rotate(-90 18 ${middle})` }, yLabel));
    const layer = drawn("g", {});
    svg.append(axes, layer);
    const path = (d, style) => layer.append(drawn("path", { d, class: `aice-line ${style}` }));
    return {
      svg,
      clear: () => layer.replaceChildren(),
      describe: (text) => svg.setAttribute("aria-label", text),
      line: (points, style = "a") => path(points.map(([u, v], i) => `${i ? "L" : "M"}${px(u)},${py(v)}`).join(""), style),
      /* Each point holds from its x on, until the next one. */
      steps: (points, style = "a") => path(points.map(([u, v], i) => (i ? `H${px(u)}V${py(v)}` : `M${px(u)},${py(v)}`)).join(""), style),
      band: (low, high, style = "a") => {
        const there = high.map(([u, v], i) => `${i ? "L" : "M"}${px(u)},${py(v)}`).join("");
        const back = [...low].reverse().map(([u, v]) => `L${px(u)},${py(v)}`).join("");
        layer.append(drawn("path", { d: `${there}${back}Z`, class: `aice-band ${style}` }));
      },
      across: (v, style = "faint") => path(`M${left},${py(v)}H${width - right}`, style),
      down: (u, style = "faint") => path(`M${px(u)},${top}V${height - bottom}`, style),
      dot: (u, v, style = "a", r = 5) => layer.append(drawn("circle", { cx: px(u), cy: py(v), r, class: `aice-dot ${style}` })),
      tick: (u, v, style = "a") => path(`M${px(u)},${py(v) - 6}v12`, style),
      text: (u, v, text, anchor = "start", dx = 6, dy = -6) =>
        layer.append(drawn("text", { x: px(u) + dx, y: py(v) + dy, "text-anchor": anchor }, text)),
    };
  }

  function kitFor(figure, stage) {
    const controls = element("div", { class: "aice-controls" });
    const status = element("p", { role: "status", class: "aice-said" });
    stage.append(controls);
    return {
      element,
      plot: (options) => {
        const made = plot(options);
        stage.append(made.svg);
        return made;
      },
      /* A labelled slider over numbers, or over the places of `values`; react(value) runs at every move. */
      slider: ({ label, min = 0, max, step = 1, value, show = String, react }) => {
        const id = `aice-play-${++count}`;
        const input = element("input", { type: "range", id, min, max, step, value });
        const shown = element("output", { for: id });
        const update = () => {
          shown.textContent = show(Number(input.value));
          input.setAttribute("aria-valuetext", shown.textContent);
        };
        input.addEventListener("input", () => { update(); react(Number(input.value)); });
        update();
        controls.append(element("div", { class: "aice-control" }, element("label", { for: id }, label), input, shown));
        return { get value() { return Number(input.value); }, set value(v) { input.value = v; update(); }, set max(v) { input.max = v; update(); } };
      },
      button: (label, react) => {
        const made = element("button", { type: "button", onclick: react }, label);
        controls.append(made);
        return made;
      },
      choice: ({ label, options, value, react }) => {
        const id = `aice-play-${++count}`;
        const select = element("select", { id, onchange: () => react(select.value) });
        for (const [key, text] of options) select.append(element("option", { value: key }, text));
        select.value = value;
        controls.append(element("div", { class: "aice-control" }, element("label", { for: id }, label), select));
        return select;
      },
      check: ({ label, value = false, react }) => {
        const input = element("input", { type: "checkbox", onchange: () => react(input.checked) });
        input.checked = value;
        controls.append(element("label", { class: "aice-control" }, input, ` ${label}`));
        return input;
      },
      add: (node) => { stage.append(node); return node; },
      tell: (text, values) => {
        if (!status.parentNode) stage.append(status);
        status.textContent = text;
        figure.dataset.values = JSON.stringify(values);
      },
    };
  }

  function add(kind, build) {
    for (const figure of document.querySelectorAll(`figure.aice-play[data-play="${kind}"]`)) {
      const stage = figure.querySelector(".aice-stage");
      build(stage, JSON.parse(figure.querySelector("script").textContent), kitFor(figure, stage));
      figure.querySelector(".aice-still").hidden = true;
    }
  }

  const fixed = (value, digits) => (value === null || Number.isNaN(value) ? "not estimable" : value.toFixed(digits));
  const pWords = (p) => (p < 0.001 ? "P < 0.001" : `P = ${p.toFixed(3)}`);
  return { add, fixed, pWords };
})();
