/* Shows a lesson as slides: one for each section, exercise and interactive figure. Arrow keys turn them, Escape ends. */
"use strict";

(() => {
  const title = document.querySelector("article h1");
  if (!title) return;
  const top = title.closest("section");
  const slides = [[]];
  for (const part of [...top.children].flatMap((child) => (child.tagName === "SECTION" ? [...child.children] : [child]))) {
    const opens = part.tagName === "H2" || part.querySelector(".aice-exercise, .aice-play");
    if (opens && slides.at(-1).length) slides.push([]);
    slides.at(-1).push(part);
  }

  const make = (name, attributes, text) => {
    const node = Object.assign(document.createElement(name), { textContent: text });
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const start = make("button", { type: "button", class: "aice-present" }, "Show as slides");
  const bar = make("div", { class: "aice-slides", role: "toolbar", "aria-label": "Slides" });
  const place = make("span", { role: "status" });
  const [back, next, code, end] = ["Back", "Next", "Code", "End"].map((text) => make("button", { type: "button" }, text));
  bar.append(back, place, next, code, end);
  title.after(start);
  let now = 0;

  function show(number) {
    now = Math.min(Math.max(number, 0), slides.length - 1);
    slides.forEach((parts, i) => parts.forEach((part) => part.classList.toggle("aice-off", i !== now)));
    place.textContent = `${now + 1} of ${slides.length}`;
    window.scrollTo(0, 0);
  }

  function present(on) {
    document.documentElement.classList.toggle("aice-presenting", on);
    if (on) {
      document.body.append(bar);
      showCode(false);
      show(0);
      next.focus();
    } else {
      bar.remove();
      document.querySelectorAll(".aice-off").forEach((part) => part.classList.remove("aice-off"));
      start.focus();
    }
  }

  function showCode(on) {
    document.documentElement.classList.toggle("aice-code", on);
    code.setAttribute("aria-pressed", String(on));
  }

  start.addEventListener("click", () => present(true));
  end.addEventListener("click", () => present(false));
  back.addEventListener("click", () => show(now - 1));
  next.addEventListener("click", () => show(now + 1));
  code.addEventListener("click", () => showCode(code.getAttribute("aria-pressed") !== "true"));
  document.addEventListener("keydown", (event) => {
    // A slider or a list on the slide needs the arrow keys for itself.
    if (!bar.parentNode || event.target.closest("input, select, textarea")) return;
    const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
    if (event.key === "Escape") present(false);
    else if (step) {
      event.preventDefault();
      event.stopPropagation();
      show(now + step);
    }
  }, true);
})();
