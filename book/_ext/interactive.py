"""Load the scripts of interactive figures, definitions and slides on the pages that hold such things, and on no other."""

import re

from sphinx.application import Sphinx

_KIND = re.compile(r'<figure class="aice-play" data-play="([a-z]+)"')
_TIP = '<span class="aice-tip"'


def _add_scripts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    body = context.get("body", "")
    kinds, tips = sorted(set(_KIND.findall(body))), ["tips"] if _TIP in body else []
    lesson = pagename.startswith("notebooks/methods/")
    # Both tips and slides listen for Escape; a tip that is open gets it first.
    for name in [*(["core", *kinds] if kinds else []), *tips, *(["present"] if lesson else [])]:
        app.add_js_file(f"play/{name}.js", loading_method="defer")


def setup(app: Sphinx):
    """Look at each page when it is written."""
    app.connect("html-page-context", _add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
