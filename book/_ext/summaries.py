"""Let the line that opens a hidden cell be announced by its visible text, not by the same words for all of them."""

from sphinx.application import Sphinx

_OPENED = '<summary aria-label="Toggle hidden content">'


def _name_by_text(app: Sphinx, pagename, templatename, context, doctree) -> None:
    if "body" in context:
        context["body"] = context["body"].replace(_OPENED, "<summary>")


def setup(app: Sphinx):
    """Look at each page when it is written."""
    app.connect("html-page-context", _name_by_text)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
