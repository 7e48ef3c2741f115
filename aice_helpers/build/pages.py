"""The pages of the book: which there are, what their notebooks take as parameters, and where their source lies.

What reads notebooks and contents takes a while to import, so it is imported where it is used.
"""

import ast
import html
import os
import shutil
from pathlib import Path

import yaml

from aice_helpers.core.problems import BookError, UsageError
from aice_helpers.study.model import DEFAULT_STUDY

ROOT = Path(__file__).resolve().parent.parent.parent
"""Folder of the book's own source: contents, configuration, notebooks, pages."""


def pages(root=None):
    """Documents of the table of contents, in reading order, as paths relative to ``root`` (the book's own source)."""
    from sphinx_external_toc.parsing import MalformedError, parse_toc_yaml

    root = root or ROOT
    try:
        contents = parse_toc_yaml(root / "_toc.yml")
    except (MalformedError, yaml.YAMLError) as error:
        raise BookError(f"_toc.yml cannot be read: {error}") from None
    found = []
    for name in contents:
        suffix = next((s for s in (".ipynb", ".md") if (root / f"{name}{s}").is_file()), None)
        if suffix is None:
            raise BookError(f"_toc.yml names {name}, but there is no such page")
        found.append(Path(f"{name}{suffix}"))
    return found


def notebooks(root=None):
    """The pages that are notebooks."""
    return [page for page in pages(root) if page.suffix == ".ipynb"]


def notebook_parameters(notebook) -> set[str]:
    """Names assigned in a notebook's cell tagged ``parameters``."""
    names = set()
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            for statement in ast.parse(cell.source).body:
                names |= {t.id for t in getattr(statement, "targets", []) if isinstance(t, ast.Name)}
    return names


def check_parameters(parameters):
    """`UsageError` when a parameter is declared by no notebook (study and mask have options of their own)."""
    from aice_helpers.build.lean import nbformat

    known = set()
    for page in notebooks() if parameters else ():
        known |= notebook_parameters(nbformat.read(ROOT / page, as_version=4))
    known -= {"study", "mask_below"}
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise UsageError(f"unknown parameter {', '.join(unknown)}; known: {', '.join(sorted(known)) or 'none'}")


def stage_source(folder, study, facts):
    """Lay out a copy of the book's source in ``folder``/source; returns it.

    Parameters
    ----------
    folder : Path
    study : Path
        Study file.
    facts : Facts
        What is known of its cohort.
    """
    source = folder / "source"
    source.mkdir()
    shutil.copytree(ROOT / "book", source / "book", ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"))
    shutil.copyfile(ROOT / "_toc.yml", source / "_toc.yml")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    if study != DEFAULT_STUDY:
        config["title"] = html.escape(facts.title, quote=False)  # the theme writes it as it is
        config["html"]["extra_footer"] = ""
        config["sphinx"]["config"]["html_theme_options"]["announcement"] = announcement(facts)
    elif facts.promise:
        config["sphinx"]["config"]["html_theme_options"]["announcement"] += f" {facts.promise}"
    (source / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    return source


def stage_data(source, study):
    """Lay the data of an opened `Study` at ``source``/data, so that no path of this machine enters a notebook.

    It is a link to the study's folder or, where the disk knows no links, copies of the files that the study declares.
    """
    try:
        (source / "data").symlink_to(study.folder.resolve(), target_is_directory=True)
    except OSError:
        _copy_declared(study, source / "data")


def _copy_declared(study, data):
    data.mkdir()
    for name in study.files:
        target = Path(os.path.normpath(data / name))
        if not target.is_relative_to(data):
            raise UsageError(
                f"{Path(name).name} lies outside the folder of the study file, and this disk knows no links; move it there"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(study.folder / name, target)


def remove_data(source):
    """Take the study away before the site is built, which would search its folder for pages."""
    data = source / "data"
    if data.is_symlink():
        data.unlink()
    else:
        shutil.rmtree(data)


def announcement(facts):
    """The line above every page: what the book is about, as HTML."""
    title, promised = html.escape(facts.title), html.escape(facts.promise)
    if facts.synthetic:
        said = f"<strong>Synthetic data.</strong> {title}: no patient stands behind any number here. {promised}"
    else:
        said = f"<strong>{title}.</strong> Computed from the records of {facts.patients} patients. {promised}"
    return facts.wording.in_html(said.rstrip())
