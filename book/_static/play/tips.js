/* Escape hides the definition of a word, until the keyboard or the pointer comes to the word anew. */
"use strict";

(() => {
  const terms = [...document.querySelectorAll(".aice-term")];
  for (const term of terms)
    for (const event of ["focusin", "pointerenter"]) term.addEventListener(event, () => term.classList.remove("aice-closed"));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = terms.filter((term) => term.matches(":not(.aice-closed):is(:hover, :focus-within)"));
    // The key has done its work here: it does not also end the slides.
    if (open.length) event.stopImmediatePropagation();
    open.forEach((term) => term.classList.add("aice-closed"));
  }, true);
})();
