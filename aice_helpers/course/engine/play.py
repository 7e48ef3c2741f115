"""Interactive figures: a page's script builds them from data that are computed here; without scripts their text stands."""

import html
import json
from dataclasses import dataclass, field

from aice_helpers.course.engine.markup import inline_html, inline_text


@dataclass(frozen=True)
class Play:
    """One interactive figure.

    Attributes
    ----------
    kind : str
        Name of the script that builds it (``book/_static/play/<kind>.js``).
    title : str
    how : str
        What to do and what to watch; text of `markup.written` in one paragraph.
    data : dict
        What the script needs, in JSON's types; never a patient's row.
    text : str
        What playing with it shows, for a page without scripts.
    """

    kind: str
    title: str
    how: str
    data: dict = field(repr=False)
    text: str = ""

    def __repr__(self) -> str:
        return f"Interactive figure: {self.title}\n{inline_text(self.how)}\n{inline_text(self.text)}"

    def _repr_html_(self) -> str:
        # A "<" in the data could end the script element early.
        data = json.dumps(self.data, allow_nan=False, ensure_ascii=True, sort_keys=True).replace("<", "\\u003c")
        return (
            f'<figure class="aice-play" data-play="{self.kind}" aria-label="{html.escape(self.title)}">'
            f"<figcaption><strong>{html.escape(self.title)}.</strong> {inline_html(self.how)}</figcaption>"
            f'<div class="aice-stage"></div><p class="aice-still">{inline_html(self.text)}</p>'
            f'<script type="application/json">{data}</script></figure>'
        )
