/* Step through a Kaplan-Meier curve patient by patient; each can be made an event or a censored time. */
"use strict";

aicePlay.add("km", (stage, data, kit) => {
  const { fixed } = aicePlay;
  const patients = data.patients.map(([name, time, event]) => ({ name, time, event: event === 1 }));
  const last = Math.max(...patients.map((p) => p.time));
  let seen = 0;

  kit.button("Start again", () => { seen = 0; draw(); });
  kit.button("One patient back", () => { seen = Math.max(0, seen - 1); draw(); });
  kit.button("Next patient", () => { seen = Math.min(patients.length, seen + 1); draw(); });
  const list = kit.add(kit.element("fieldset", { class: "aice-patients" }, kit.element("legend", {}, "Tick the patients whose event was seen; the others are censored")));
  const boxes = patients.map((patient) => {
    const box = kit.element("input", { type: "checkbox", onchange: () => { patient.event = box.checked; draw(); } });
    box.checked = patient.event;
    const label = kit.element("label", {}, box, ` ${patient.name} at ${patient.time}`);
    list.append(label);
    return label;
  });
  const plot = kit.plot({ x: [0, last + 1], y: [0, 1], xLabel: `Time (${data.unit})`, yLabel: "Share event-free" });

  /* The product over the distinct event times among the patients passed so far. A patient counts as at risk at his own
     time; patients at one time are taken together once the last of them is passed. */
  function curve() {
    const complete = seen === patients.length ? Infinity : patients[seen].time;
    const points = [[0, 1]];
    let share = 1;
    let text = "No patient passed yet: everyone is at risk and the curve stands at 1.";
    let [atRisk, events] = [patients.length, 0];
    for (const time of [...new Set(patients.map((p) => p.time))].filter((t) => t < complete)) {
      atRisk = patients.filter((p) => p.time >= time).length;
      const here = patients.filter((p) => p.time === time);
      events = here.filter((p) => p.event).length;
      share *= 1 - events / atRisk;
      points.push([time, share]);
      const censored = here.length - events;
      text = `At ${time} ${data.unit}: ${atRisk} at risk, ${events} with the event, ${censored} censored. ` +
        (events ? `The curve is multiplied by 1 − ${events}/${atRisk} and comes to ${fixed(share, 3)}.`
          : `The curve stays at ${fixed(share, 3)}; whoever is censored leaves the risk set, so that later steps are larger.`);
    }
    return { points, share, text, atRisk, events };
  }

  function draw() {
    const now = curve();
    const end = seen === patients.length ? last : patients[seen].time;
    plot.clear();
    plot.across(0.5);
    plot.steps([...now.points, [end, now.share]], "a");
    for (const p of patients.slice(0, seen).filter((q) => !q.event && q.time < (seen === patients.length ? Infinity : patients[seen].time))) {
      plot.tick(p.time, now.points.filter(([t]) => t <= p.time).at(-1)[1], "strong");
    }
    boxes.forEach((box, place) => box.classList.toggle("aice-passed", place < seen));
    const waits = seen > 0 && seen < patients.length && patients[seen - 1].time === patients[seen].time
      ? ` ${patients[seen - 1].name} shares this time with the next patient; both are counted in one step.` : "";
    plot.describe(`Kaplan-Meier curve up to ${end} ${data.unit}, now at ${fixed(now.share, 3)}.`);
    kit.tell(`${seen} of ${patients.length} patients passed. ${now.text}${waits}`, { seen, share: now.share, atRisk: now.atRisk, events: now.events, points: now.points });
  }
  draw();
});
