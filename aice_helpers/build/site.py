"""The site: a Jupyter Book made of the executed notebooks and the pages, any warning being an error.

Sphinx keeps what it has read of each page, and the pages it has written. Both are kept from one build to the next, in one
folder a study, so that only what has changed is read. What is written anew is decided here, not by times of files: a page
that was read, and every page as soon as anything has changed that other pages may show (`shared`).
"""

import contextlib
import gc
import hashlib
import io
import json
import os
import pickle
import re
import shutil
import tempfile

from aice_helpers.build import pages
from aice_helpers.core.problems import BookError

ROOM = 2**20
"""Bytes that must still fit on the disk for a failed page to be the book's fault."""
STAMP = "stamp.json"
INDEX = ("_mapping", "_title_mapping", "_titles", "_filenames", "_all_titles", "_index_entries")
"""What the search index has learnt of the pages."""
REDIRECT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Go to the book</title>\
<meta http-equiv="refresh" content="0; url={first}"></head><body><a href="{first}">Go to the book</a></body></html>
"""


def import_builder():
    """Import what builds the site; takes a second or two, so it is done beside something else."""
    from aice_helpers.build import lean  # noqa: F401, I001
    import jupyter_book.config  # noqa: F401
    import myst_nb.sphinx_  # noqa: F401
    import papermill  # noqa: F401
    import sphinx.builders.html  # noqa: F401
    import sphinx_book_theme  # noqa: F401
    import sphinxcontrib.bibtex  # noqa: F401


def build(source, folder, *, fresh=False):
    """Build the site of ``source``, or bring what ``folder`` holds up to date with it.

    Parameters
    ----------
    source : Path
        Laid out by `pages.stage_source`, notebooks executed.
    folder : Path
        What `sites.kept` has given; the site is ``folder``/site/html.
    fresh : bool
        Build everything anew.

    Raises
    ------
    BookError
        When a page draws a warning or an error; what was kept is then gone.
    OSError
        When the disk is full.
    """
    documents = {page.with_suffix("").as_posix(): page for page in pages.pages(source)}
    texts = {name: _sha256(source / page) for name, page in documents.items()}
    frame = _hash_of_the_rest(source, set(documents.values()))
    before = None if fresh else _stamp(folder)
    # A run that is stopped on the way leaves no stamp, and the next one begins anew.
    (folder / STAMP).unlink(missing_ok=True)
    if before is None or before["frame"] != frame:
        before = None
        for name in ("source", "site", "doctrees", "index.pickle"):
            _remove(folder / name)
    changed = {name for name, text in texts.items() if before is None or before["texts"].get(name) != text}
    _lay_out(source, folder / "source")
    with _no_collection():
        shown = _run_sphinx(folder, changed, before and before["shared"]) if changed else before["shared"]
    (folder / STAMP).write_text(json.dumps({"frame": frame, "texts": texts, "shared": shown}), encoding="utf-8")


@contextlib.contextmanager
def _no_collection():
    """Without the search for garbage, which finds none here and takes a fifth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _stamp(folder):
    try:
        return json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hash_of_the_rest(source, pages_found):
    """Hash of everything but the pages: contents, configuration, extensions, style sheets, references."""
    digest = hashlib.sha256()
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if path.is_file() and relative not in pages_found and "__pycache__" not in relative.parts:
            digest.update(f"{relative.as_posix()}\0{_sha256(path)}\n".encode())
    return digest.hexdigest()


def _lay_out(source, target):
    """Make ``target`` equal to ``source``; a file that is equal already keeps its time."""
    wanted = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    for path in list(target.rglob("*")):
        if path.is_file() and path.relative_to(target) not in wanted:
            path.unlink()
    for relative in wanted:
        if not (target / relative).is_file() or (target / relative).read_bytes() != (source / relative).read_bytes():
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / relative, target / relative)


def _run_sphinx(folder, changed, shared_before):
    """Read the changed pages, write what shows something of the change; returns the hash of what pages show of others."""
    from jupyter_book.config import get_final_config
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    source = folder / "source"
    # Copied by every run; a style sheet that lies there already would be named with its checksum.
    shutil.rmtree(folder / "site" / "html" / "_static", ignore_errors=True)
    found = {}

    def rewritten(app, env):
        found["shared"] = shared(env)
        return env.found_docs if found["shared"] != shared_before else []

    messages = io.StringIO()
    with (
        contextlib.redirect_stderr(messages), contextlib.redirect_stdout(io.StringIO()),
        patch_docutils(None), docutils_namespace(),
    ):  # fmt: skip
        config, _ = get_final_config(
            user_yaml=source / "_config.yml", cli_config={"latex_individualpages": False}, sourcedir=source
        )
        try:
            app = Sphinx(
                source, None, folder / "site" / "html", folder / "doctrees", "html", config,
                status=None, warning=messages, warningiserror=True, keep_going=True,
            )  # fmt: skip
            app.builder.get_outdated_docs = list
            _keep_whole_index(app, folder / "index.pickle")
            app.connect("env-get-outdated", lambda app, env, added, changed_, removed: sorted(changed))
            app.connect("env-updated", _in_reading_order, priority=1)
            app.connect("env-get-updated", rewritten)
            app.build()
            failed = app.statuscode
        except OSError:
            raise
        except Exception as error:
            failed = f"{type(error).__name__}: {error}"
    if failed:
        _refuse_full_disk(folder)
        text = re.sub(r"\x1b\[[0-9;]*m", "", messages.getvalue()).replace(f"{source}{os.sep}", "").strip()
        raise BookError(f"the site drew warnings:\n{text or failed}")
    _remove_old_images(folder, app.env)
    return found["shared"]


def _keep_whole_index(app, file):
    """Let the search index go on from where the last build left it, which what it writes for readers does not tell whole."""

    def load(written):
        index = app.builder.indexer
        with contextlib.suppress(FileNotFoundError):
            vars(index).update(pickle.loads(file.read_bytes()))
        kept = set(app.env.all_docs) - set(written)
        index.prune(kept)
        index._index_entries = {name: entries for name, entries in index._index_entries.items() if name in kept}

    def store(app):
        index = app.builder.indexer
        index._index_entries = dict(sorted(index._index_entries.items()))
        file.write_bytes(pickle.dumps({name: getattr(index, name) for name in INDEX}))
        return []

    app.builder.load_indexer = load
    app.connect("html-collect-pages", store)


def _in_reading_order(app, env):
    """Order citations as a build that reads every page would find them, before they are numbered."""
    env.domaindata["cite"]["citation_refs"].sort(key=lambda reference: reference.docname)


def shared(env) -> str:
    """Hash of what a page may show of other pages: titles, contents, numbers, labels, terms, citations, indices."""
    numbered = {name: table for name, table in env.toc_fignumbers.items() if table}
    described = [
        sorted((name, title.astext()) for name, title in env.titles.items()),
        sorted((name, contents.astext()) for name, contents in env.tocs.items()),
        sorted((name, includes) for name, includes in env.toctree_includes.items()),
        sorted(env.toc_secnumbers.items()),
        sorted(numbered.items()),
        [_described(env.domaindata[name]) for name in sorted(env.domaindata)],
        [hashlib.sha256(str(env.get_doctree(page)).encode()).hexdigest() for page in _glossaries(env)],
    ]
    return hashlib.sha256(json.dumps(described, default=str).encode()).hexdigest()


def _glossaries(env):
    objects = env.get_domain("std").get_objects()
    return sorted({page for _, _, kind, page, _, _ in objects if kind == "term"})


def _described(value):
    """What a domain has collected, as JSON knows it: in order, without the lines of a page at which it stands."""
    if isinstance(value, dict):
        return sorted((str(key), _described(item)) for key, item in value.items())
    if isinstance(value, set | frozenset):
        return sorted(str(_described(item)) for item in value)
    if hasattr(value, "_asdict"):
        return _described({key: item for key, item in value._asdict().items() if key != "line"})
    if isinstance(value, list | tuple):
        return [_described(item) for item in value]
    return re.sub(" at 0x[0-9a-f]+", "", str(value))


def _remove_old_images(folder, env):
    """Pictures that no page shows any more."""
    named = {name for _, name in env.images.values()}
    for path in (folder / "site" / "html" / "_images").glob("*"):
        if path.name not in named:
            path.unlink()
    for path in (folder / "site" / "jupyter_execute").glob("*"):
        if path.is_file() and path.name not in named:
            path.unlink()


def copy(folder, out):
    """Copy the site of a kept folder to the new folder ``out``, with a first page that leads to the book's."""
    shutil.copytree(folder / "site" / "html", out, ignore=shutil.ignore_patterns("_sources", ".buildinfo"))
    first = pages.pages(folder / "source")[0].with_suffix(".html").as_posix()
    (out / "index.html").write_text(REDIRECT.format(first=first), encoding="utf-8")


def _refuse_full_disk(folder):
    """The builder turns a page that cannot be written into a warning; `OSError` says what is really the matter."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"\0" * ROOM)
