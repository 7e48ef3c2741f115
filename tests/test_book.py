"""The runner: what it leaves behind when all goes well, and that it leaves nothing when something fails."""

import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from aice_helpers.analysis import Analysis
from aice_helpers.build import book, execution, pages, products
from aice_helpers.build.facts import facts_of
from aice_helpers.build.offers import COMMITTED, requirements_met
from aice_helpers.core.problems import UsageError

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def notebook(*cells):
    return new_notebook(cells=list(cells), metadata=KERNEL)


@pytest.fixture
def small(tmp_path):
    """A book of two short pages, as a folder of its own."""
    root = tmp_path / "source"
    (root / "notebooks").mkdir(parents=True)
    shutil.copytree(pages.ROOT / "book", root / "book", ignore=shutil.ignore_patterns("*.ipynb"))
    shutil.copytree(pages.ROOT / "data", root / "data")
    shutil.copyfile(pages.ROOT / "_config.yml", root / "_config.yml")
    toc = {"format": "jb-book", "root": "notebooks/first", "chapters": [{"file": "book/bibliography"}]}
    (root / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    cells = [
        new_markdown_cell("# First"),
        new_code_cell('study = "../data/study.yml"\nscale = 1', metadata={"tags": ["parameters"]}),
        new_code_cell("from aice_helpers.data.load import load_cohort\nload_cohort(study).n * scale"),
        new_markdown_cell("Cited: {cite:p}`cox1972`."),
    ]
    nbformat.write(notebook(*cells), root / "notebooks" / "first.ipynb")
    return root


def run(root, out, *options):
    """Run the command line on the book in ``root``; returns (exit code, what it printed)."""
    script = (
        "import sys; from pathlib import Path; from aice_helpers import cli; from aice_helpers.build import pages\n"
        f"pages.ROOT = Path({str(root)!r}); pages.DEFAULT_STUDY = pages.ROOT / 'data' / 'study.yml'\n"
        "if __name__ == '__main__': sys.exit(cli.main(sys.argv[1:]))\n"
    )
    path = root / "run_book.py"
    path.write_text(script, encoding="utf-8")
    command = [sys.executable, path, "build", *options, "--out", out]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


def edit(root, number, source):
    path = root / "notebooks" / "first.ipynb"
    opened = nbformat.read(path, as_version=4)
    opened.cells[number].source = source
    nbformat.write(opened, path)


def listing(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_good_run_then_three_that_fail_and_leave_it_untouched(small, tmp_path):
    out = tmp_path / "out"
    code, printed = run(small, out)
    assert code == 0, printed
    assert "[1/1] first" in printed
    assert sorted(p.name for p in out.iterdir()) == ["html", "notebooks", "results", "run.json"]
    assert json.loads((out / "run.json").read_text())["patients"] == 113
    good = listing(out)

    edit(small, 2, "1 / 0")
    code, printed = run(small, out)
    assert code == 3
    assert "notebooks/first.ipynb, cell 3: ZeroDivisionError" in printed
    assert "Traceback" not in printed

    edit(small, 2, "113")
    edit(small, 3, "Cited: {cite:p}`nobody1900`.")
    code, printed = run(small, out)
    assert code == 3
    assert "nobody1900" in printed

    patients = small / "data" / "cohort.csv"
    patients.write_text(patients.read_text().replace("P001,56", "P001,fifty-six"), encoding="utf-8")
    code, printed = run(small, out)
    assert code == 1
    assert "cohort.csv, row 2, column 'age_years'" in printed
    assert "Traceback" not in printed

    assert listing(out) == good
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".aice-")] == []


def test_parameters_reach_the_notebook_and_unknown_ones_are_refused(small, tmp_path):
    out = tmp_path / "out"
    code, printed = run(small, out, "-p", "scale=2")
    assert code == 0, printed
    cells = nbformat.read(out / "notebooks" / "first.ipynb", as_version=4).cells
    assert [c.outputs[0]["data"]["text/plain"] for c in cells if c.get("outputs")] == ["226"]
    code, printed = run(small, out, "-p", "scael=2")
    assert code == 2
    assert "unknown parameter scael; known: scale" in printed


def test_an_unchanged_notebook_is_not_executed_again_until_its_text_changes(small, tmp_path):
    assert "first: unchanged" not in run(small, tmp_path / "a")[1]
    assert "first: unchanged" in run(small, tmp_path / "b")[1]
    assert "first: unchanged" not in run(small, tmp_path / "c", "--fresh")[1]
    edit(small, 2, "1 + 1")
    assert "first: unchanged" not in run(small, tmp_path / "d")[1]


def test_another_study_builds_from_its_own_folder_under_its_own_name(small, tmp_path):
    clinic = tmp_path / "clinic"
    shutil.copytree(small / "data", clinic)
    study = (clinic / "study.yml").read_text(encoding="utf-8")
    study = study.replace("synthetic: true", "synthetic: false").replace("published: published.yml\n", "")
    (clinic / "clinic.yml").write_text(re.sub("(?m)^title: .*$", "title: A <b>clinic</b>", study), encoding="utf-8")
    out = clinic / "out"  # inside the study's own folder
    code, printed = run(small, out, str(clinic / "clinic.yml"))
    assert code == 0, printed
    page = (out / "html" / "notebooks" / "first.html").read_text(encoding="utf-8")
    assert "A &lt;b&gt;clinic&lt;/b&gt;" in page
    assert "Synthetic data." not in page
    for name, content in listing(out).items():
        assert str(tmp_path).encode() not in content, name


def test_a_place_where_no_book_can_be_made_is_refused_in_words(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds thesis\.txt, and no run has made it"):
        book.build(out=tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(UsageError, match=r"run\.json is not as a run writes it"):
        book.build(out=tmp_path)
    with pytest.raises(UsageError, match="is a file; name a folder"):
        book.build(out=tmp_path / "thesis.txt")
    with pytest.raises(UsageError, match=r"thesis\.txt is a file, so no folder can be made in it"):
        book.build(out=tmp_path / "thesis.txt" / "sub" / "book")
    with pytest.raises(UsageError, match="own source"):
        book.build(out=pages.ROOT.parent)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run.json", "thesis.txt"]


def test_cells_run_only_where_the_cohort_has_what_they_need():
    cells = [new_code_cell(tag, metadata={"tags": [tag]}) for tag in ("needs:response", "needs:groups", "other")]
    both = [new_code_cell("both", metadata={"tags": ["needs:response", "needs:published"]})]
    kept = [c.source for c in execution.prepared(notebook(*cells, *both), {"response"}).cells]
    assert kept == ["needs:response", "other"]
    kept = [c.source for c in execution.prepared(notebook(*cells, *both), {"published", "response"}).cells]
    assert kept == ["needs:response", "other", "both"]


def test_the_default_cohort_meets_every_need_of_every_notebook(cohort):
    offers = requirements_met(Analysis(cohort)) | COMMITTED
    for page in pages.pages():
        if page.suffix == ".ipynb":
            opened = nbformat.read(pages.ROOT / page, as_version=4)
            assert len(execution.prepared(opened, offers).cells) == len(opened.cells)
            needs = {
                t.removeprefix("needs:") for c in opened.cells for t in c.metadata.get("tags", []) if "needs:" in t
            }
            assert needs <= offers


def test_the_table_of_contents_lists_every_page_once():
    found = [page.as_posix() for page in pages.pages()]
    assert found[0] == "book/intro.ipynb"
    assert len(found) == len(set(found))
    assert {f"notebooks/{p.name}" for p in (pages.ROOT / "notebooks").glob("*.ipynb")} <= set(found)


@contextlib.contextmanager
def at_work(root, out):
    """A build whose notebook never ends, once its kernel is at work; the process leads a group of its own."""
    edit(root, 2, "print('begun'); import pathlib, time; pathlib.Path('begun').touch(); time.sleep(600)")
    run(root, out, "-p", "nothing=1")
    command = [sys.executable, str(root / "run_book.py"), "build", "--out", str(out)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    hidden = out.parent / f".aice-{out.name}" / "work"
    wait_for(lambda: next(hidden.rglob("begun"), None))
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def descendants(process):
    return psutil.Process(process.pid).children(recursive=True)


def test_a_killed_run_leaves_the_last_good_book_and_no_process(small, tmp_path):
    out = tmp_path / "out"
    assert run(small, out)[0] == 0
    good = listing(out)
    with at_work(small, out) as process:
        left = descendants(process)
        assert len(left) >= 2  # the fork server and a kernel
        process.kill()
        process.wait()
    assert psutil.wait_procs(left, timeout=20)[1] == []
    assert listing(out) == good
    hidden = tmp_path / ".aice-out"
    assert hidden.is_dir()

    out.rename(hidden / "old")  # as if it had been killed between the two renames
    patients = small / "data" / "cohort.csv"
    patients.write_text(patients.read_text().replace("P001,56", "P001,fifty-six"), encoding="utf-8")
    code, printed = run(small, out)
    assert code == 1
    assert "the book from before is back" in printed
    assert listing(out) == good
    assert not hidden.exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_ends_soon_says_one_line_and_clears_up(small, tmp_path, number, code):
    with at_work(small, tmp_path / "out") as process:
        left = descendants(process)
        started = time.monotonic()
        os.killpg(process.pid, number)  # as a terminal does
        printed = process.communicate(timeout=60)[0]
        assert time.monotonic() - started < 10
    assert process.returncode == code
    assert printed.splitlines()[-1] == "aice: stopped; what was there before is untouched"
    assert "Traceback" not in printed
    assert "KeyboardInterrupt" not in printed
    assert psutil.wait_procs(left, timeout=20)[1] == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source"]


def test_what_is_the_users_in_a_book_survives_the_next_run(small, tmp_path):
    out = tmp_path / "out"
    assert run(small, out)[0] == 0
    mine = ("results/annotated.xlsx", "html/remarks.txt", "notebooks/mine.ipynb")
    for name in mine:
        (out / name).write_text(name)
    code, printed = run(small, out)
    assert code == 0
    assert all(name in printed for name in mine)
    assert [(out / name).read_text() for name in mine] == list(mine)
    (out / "results" / "cox.csv").write_text("my own numbers")
    code, printed = run(small, out)
    assert code == 2
    assert "results/cox.csv in the folder out was changed" in printed
    assert (out / "results" / "cox.csv").read_text() == "my own numbers"


def test_several_books_in_one_run_each_in_its_folder(small, tmp_path):
    good, bad = small / "data" / "study.yml", tmp_path / "bad.yml"
    bad.write_text("title: none", encoding="utf-8")
    code, printed = run(small, tmp_path / "out", good, bad)
    assert code == 1
    assert "1 books built, 1 of 2 could not be built" in printed
    assert f"== {bad}" in printed
    assert "bad.yml, key 'variables': this key is missing" in printed
    assert [folder.name for folder in (tmp_path / "out").iterdir()] == ["data"]
    assert products.survey(tmp_path / "out" / "data").whole
    code, printed = run(small, tmp_path / "other", good, good)
    assert code == 2
    assert "into one folder" in printed


def test_two_builds_of_one_folder_follow_one_another(small, tmp_path):
    out = tmp_path / "out"
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = [pool.submit(run, small, out), pool.submit(run, small, out, "--mask-below", "5")]
        codes = [each.result()[0] for each in runs]
    assert codes == [0, 3]  # the small notebook has no parameter mask_below
    assert products.survey(out).foreign == ()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "source"]


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_told_as_such_and_nothing_is_left(small, tiny_disk, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    (tiny_disk / "mine.txt").write_text("mine")
    code, printed = run(small, tiny_disk / "out")
    assert code == 3
    assert printed.splitlines()[-1] == "aice: no space is left on the disk; what was there before is untouched"
    assert "Traceback" not in printed
    assert [p.name for p in tiny_disk.iterdir()] == ["mine.txt"]
    assert list(scratch.iterdir()) == []


def test_a_temporary_folder_with_a_long_name_stops_no_build(small, tmp_path, monkeypatch):
    scratch = tmp_path / ("scratch" * 15)  # with it no socket's address fits
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    code, printed = run(small, tmp_path / "out")
    assert code == 0, printed
    assert list(scratch.iterdir()) == []


def test_a_place_that_cannot_be_written_is_wrong_usage(small, tmp_path):
    (tmp_path / "afile").write_text("mine")
    code, printed = run(small, tmp_path / "afile" / "sub")
    assert code == 2
    assert printed == "aice: afile is a file, so no folder can be made in it\n"
    if os.geteuid() == 0:
        return
    (tmp_path / "closed").mkdir(mode=0o500)
    code, printed = run(small, tmp_path / "closed" / "out")
    assert code == 2
    assert printed == "aice: out cannot be made there: Permission denied; name another folder\n"


def test_without_links_only_the_declared_files_are_laid_beside_the_book(tmp_path, cohort, monkeypatch):
    def no_links(*args, **kwargs):
        raise OSError

    monkeypatch.setattr(Path, "symlink_to", no_links)
    source = pages.stage_source(tmp_path, pages.DEFAULT_STUDY, facts_of(Analysis(cohort)))
    pages.stage_data(source, cohort.study)
    names = sorted(p.relative_to(source / "data").as_posix() for p in (source / "data").rglob("*"))
    assert names == ["adverse_events.csv", "cohort.csv", "published.yml", "study.yml"]
    pages.remove_data(source)
    assert not (source / "data").exists()
