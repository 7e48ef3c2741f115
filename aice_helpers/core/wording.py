"""The study's own word for its people: women, participants, prisoners where the book says patients.

The fixed texts say "patient" and "patients". `Wording` writes a text in the study's words; what the study itself wrote
(titles, labels, levels) stays as it is. `use` sets the wording of this process, which pages show one study in.
"""

import html
import re
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property

_PATIENT = re.compile(
    r"\b(?P<article>[Aa]n? )?(?P<first>[Pp])atient(?P<plural>s)?(?P<owner>'s|’s|(?<=s)['’](?!\w))?(?![\w-])"
)
_MARKUP = re.compile(r"<[^>]*>")
_NAMED = re.compile(r'((?:aria-label|alt|title)=")([^"]*)(")')
_VERBATIM = re.compile(r"(```.*?```|`[^`]*`|\{[\w:]+\}`[^`]*`|\]\([^)]*\)|https?://\S+)", re.DOTALL)


@dataclass(frozen=True)
class Wording:
    """Words for one of the people and for several, and the study's own texts, in which nothing is replaced."""

    person: str = "patient"
    people: str = "patients"
    kept: tuple[str, ...] = ()

    @property
    def is_usual(self) -> bool:
        """Whether every text stays as it is."""
        return (self.person, self.people) == ("patient", "patients")

    @cached_property
    def _own(self):
        """Pattern of the study's texts that hold the usual word among others, the longest first."""
        own = {text for text in self.kept if "patient" in text.lower() and len(text.split()) > 1}
        return re.compile("|".join(map(re.escape, sorted(own, key=len, reverse=True)))) if own else None

    def __call__(self, text) -> str:
        """A plain text in the study's words.

        Examples
        --------
        >>> Wording("inmate", "inmates")("A patient's time; 2 patients, all patients' times. patient-level")
        "An inmate's time; 2 inmates, all inmates' times. patient-level"
        >>> Wording("woman", "women", ("Patients seen",))("Patients seen: 3 of 4 patients")
        'Patients seen: 3 of 4 women'
        """
        return text if self.is_usual else self._apart(self._own, text, lambda part: _PATIENT.sub(self._word, part))

    def in_html(self, text) -> str:
        """An HTML text in the study's words; of the tags only what is read aloud is changed."""
        if self.is_usual:
            return text
        named = _NAMED.sub(lambda found: found[1] + self._escaped(found[2]) + found[3], text)
        return self._apart(_MARKUP, named, self._escaped)

    def in_markdown(self, text) -> str:
        """A Markdown text in the study's words; code, roles and link targets stay."""
        return text if self.is_usual else self._apart(_VERBATIM, text, self)

    def _escaped(self, text):
        return html.escape(self(html.unescape(text))) if "atient" in text else text

    @staticmethod
    def _apart(pattern, text, change):
        """Change what lies between the places that a pattern finds."""
        if pattern is None:
            return change(text)
        done, place = [], 0
        for found in pattern.finditer(text):
            done += [change(text[place : found.start()]), found[0]]
            place = found.end()
        return "".join(done) + change(text[place:])

    def _word(self, found):
        word = self.people if found["plural"] else self.person
        owner = found["owner"] or ""
        if owner:
            owner = "'" if word.endswith("s") and found["plural"] else "'s"
        article = found["article"] or ""
        if article:
            article = article[0] + ("n " if word[0].lower() in "aeiou" else " ")
        elif found["first"] == "P":
            word = word[0].upper() + word[1:]
        return article + word + owner


USUAL = Wording()
_IN_USE = ContextVar("wording")


def use(wording):
    """Say from now on what `current` gives."""
    _IN_USE.set(wording)


def current() -> Wording:
    """The wording of the study that this process shows."""
    return _IN_USE.get(USUAL)
