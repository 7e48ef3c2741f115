"""Sphinx math renderer that writes MathML at build time: no script, no font, no other host."""

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxTranslator


def _mathml(node, display):
    try:
        return convert(node.astext(), display=display)
    except Exception as error:
        raise ExtensionError(f"formula cannot be written as MathML: {node.astext()}") from error


def visit_inline(self: SphinxTranslator, node: nodes.math) -> None:
    """Write an inline formula."""
    self.body.append(_mathml(node, "inline"))
    raise nodes.SkipNode


def visit_block(self: SphinxTranslator, node: nodes.math_block) -> None:
    """Write a displayed formula in a box that scrolls where the page is narrow."""
    self.body.append(f'<div class="aice-scroll aice-math">{_mathml(node, "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx):
    """Register the renderer under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
