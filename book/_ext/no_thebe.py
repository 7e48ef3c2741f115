"""Switch off sphinx-thebe, which Jupyter Book loads unasked: it names another host and declares its script twice."""

from sphinx.application import Sphinx


def _silence(app: Sphinx, config) -> None:
    for listeners in app.events.listeners.values():
        listeners[:] = [entry for entry in listeners if not entry.handler.__module__.startswith("sphinx_thebe")]
    # Without its listeners the extension copies no file, so no page may ask for its style sheet.
    app.registry.css_files[:] = [entry for entry in app.registry.css_files if entry[0] != "sphinx-thebe.css"]


def setup(app: Sphinx):
    """Disconnect sphinx-thebe once every extension has been loaded."""
    app.connect("config-inited", _silence, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
