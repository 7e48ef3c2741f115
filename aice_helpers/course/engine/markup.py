"""Text of the course: a little markup (paragraphs, ``**bold**``, ```code```, ``$formula$``) with data values put in safely."""

import html
import re

from latex2mathml.converter import convert

from aice_helpers.show.sentences import Blocks

_PIECES = re.compile(r"\$(?P<math>[^$]+)\$|\*\*(?P<bold>[^*]+)\*\*|`(?P<code>[^`]+)`")

_PLAIN = {
    r"\alpha": "α", r"\beta": "β", r"\theta": "θ", r"\chi": "χ", r"\mu": "μ", r"\varphi": "φ", r"\ell": "l", r"\exp": "exp",
    r"\log": "log", r"\sum": "Σ", r"\prod": "Π", r"\sqrt": "√", r"\frac": "frac", r"\pm": "±", r"\times": "×", r"\cdot": "·",
    r"\left": "", r"\right": "", r"\leq": "≤", r"\geq": "≥", r"\le": "≤", r"\ge": "≥", r"\approx": "≈", r"\dots": "...",
}  # fmt: skip
"""How the signs of a formula are written where no formula can be set."""

_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def written(text, values=None) -> Blocks:
    """Text with markup and ``{name}`` fields; a value is shown as it is, whatever characters it holds.

    >>> written("From **{n}** patients", {"n": "<5"})._repr_html_()
    '<p>From <strong>&lt;5</strong> patients</p>'
    >>> written("Use `n`, not {n}.", {"n": 3})
    Use n, not 3.
    """
    values = {name: str(value) for name, value in (values or {}).items()}
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]
    plain = "\n".join(_filled(_PIECES.sub(_as_text, part), values, str) for part in paragraphs)
    return Blocks(plain, "".join(f"<p>{inline_html(part, values)}</p>" for part in paragraphs))


def inline_html(text, values=None) -> str:
    """One paragraph of such a text as HTML, without the paragraph's own element."""
    values = {name: str(value) for name, value in (values or {}).items()}
    pieces, end = [], 0
    for match in _PIECES.finditer(text):
        pieces += [html.escape(text[end : match.start()], quote=False), _as_html(match)]
        end = match.end()
    pieces.append(html.escape(text[end:], quote=False))
    return _filled("".join(pieces), values, html.escape)


def inline_text(text, values=None) -> str:
    """One paragraph of such a text without its marks; formulas stay as they were written."""
    values = {name: str(value) for name, value in (values or {}).items()}
    return _filled(_PIECES.sub(_as_text, text), values, str)


def _as_html(match):
    if match["math"]:
        return convert(match["math"], display="inline")
    if match["bold"]:
        return f"<strong>{html.escape(match['bold'], quote=False)}</strong>"
    return f"<code>{html.escape(match['code'], quote=False)}</code>"


def _as_text(match):
    if not match["math"]:
        return match["bold"] or match["code"]
    text = match["math"]
    for sign, plain in _PLAIN.items():
        text = text.replace(sign, plain)
    return " ".join(
        re.sub(r"\\[a-zA-Z]+|\\.", "", re.sub(r"\\(?:mathrm|text|hat|widehat|bar)\s*\{([^{}]*)\}", r"\1", text)).split()
    )


def _filled(text, values, write):
    # A field that has no value is part of a formula or of a piece of code.
    return _FIELD.sub(lambda match: write(values[match[1]]) if match[1] in values else match[0], text)
