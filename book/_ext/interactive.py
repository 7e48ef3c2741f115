"""Load the scripts of interactive figures and slides on the pages that hold such figures, or lessons, and on no other."""

import re

from sphinx.application import Sphinx

_KIND = re.compile(r'<figure class="aice-play" data-play="([a-z]+)"')


def _add_scripts(app: Sphinx, pagename, templatename, context, doctree) -> None:
    kinds = sorted(set(_KIND.findall(context.get("body", ""))))
    lesson = pagename.startswith("notebooks/methods/")
    for name in [*(["core", *kinds] if kinds else []), *(["present"] if lesson else [])]:
        app.add_js_file(f"play/{name}.js", loading_method="defer")


def setup(app: Sphinx):
    """Look at each page when it is written."""
    app.connect("html-page-context", _add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
