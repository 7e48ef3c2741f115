"""The runner: what it leaves behind when all goes well, and that it leaves nothing when something fails."""

import json
import re
import shutil
import subprocess
import sys
import time

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from aice_helpers import book

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def notebook(*cells):
    return new_notebook(cells=list(cells), metadata=KERNEL)


@pytest.fixture
def small(tmp_path):
    """A book of two short pages, as a folder of its own."""
    root = tmp_path / "source"
    (root / "notebooks").mkdir(parents=True)
    shutil.copytree(book.ROOT / "book", root / "book", ignore=shutil.ignore_patterns("*.ipynb"))
    shutil.copytree(book.ROOT / "data", root / "data")
    shutil.copyfile(book.ROOT / "_config.yml", root / "_config.yml")
    toc = {"format": "jb-book", "root": "notebooks/first", "chapters": [{"file": "book/bibliography"}]}
    (root / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    cells = [
        new_markdown_cell("# First"),
        new_code_cell('study = "../data/study.yml"\nscale = 1', metadata={"tags": ["parameters"]}),
        new_code_cell("from aice_helpers.cohort import load_cohort\nload_cohort(study).n * scale"),
        new_markdown_cell("Cited: {cite:p}`cox1972`."),
    ]
    nbformat.write(notebook(*cells), root / "notebooks" / "first.ipynb")
    return root


def run(root, out, *options):
    """Run the command line on the book in ``root``; returns (exit code, what it printed)."""
    script = (
        "import sys; from pathlib import Path; from aice_helpers import book, cli\n"
        f"book.ROOT = Path({str(root)!r}); book.DEFAULT_STUDY = book.ROOT / 'data' / 'study.yml'\n"
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


def test_a_folder_that_is_no_book_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(book.UsageError, match="no run has written"):
        book.build(out=tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(book.UsageError, match="no run has written"):
        book.build(out=tmp_path)
    with pytest.raises(book.UsageError, match="is a file"):
        book.build(out=tmp_path / "thesis.txt")
    with pytest.raises(book.UsageError, match="own source"):
        book.build(out=book.ROOT.parent)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run.json", "thesis.txt"]


def test_cells_run_only_where_the_cohort_has_what_they_need():
    cells = [new_code_cell(tag, metadata={"tags": [tag]}) for tag in ("needs:response", "needs:groups", "other")]
    both = [new_code_cell("both", metadata={"tags": ["needs:response", "needs:published"]})]
    kept = [c.source for c in book._prepared(notebook(*cells, *both), {"response"}).cells]
    assert kept == ["needs:response", "other"]
    kept = [c.source for c in book._prepared(notebook(*cells, *both), {"published", "response"}).cells]
    assert kept == ["needs:response", "other", "both"]


def test_the_default_cohort_meets_every_need_of_every_notebook(cohort):
    offers = book.requirements_met(cohort)
    for page in book.pages():
        if page.suffix == ".ipynb":
            opened = nbformat.read(book.ROOT / page, as_version=4)
            assert len(book._prepared(opened, offers).cells) == len(opened.cells)
            needs = {
                t.removeprefix("needs:") for c in opened.cells for t in c.metadata.get("tags", []) if "needs:" in t
            }
            assert needs <= offers


def test_the_table_of_contents_lists_every_page_once():
    found = [page.as_posix() for page in book.pages()]
    assert found[0] == "book/intro.ipynb"
    assert len(found) == len(set(found))
    assert {f"notebooks/{p.name}" for p in (book.ROOT / "notebooks").glob("*.ipynb")} <= set(found)


def test_a_killed_run_leaves_the_last_good_book_and_the_next_run_clears_up(small, tmp_path):
    out = tmp_path / "out"
    assert run(small, out)[0] == 0
    good = listing(out)
    edit(small, 2, "import time; time.sleep(60)")
    command = [sys.executable, small / "run_book.py", "build", "--out", out]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    time.sleep(1)
    left = [p for p in tmp_path.iterdir() if p.name.startswith(".aice-")]
    process.kill()
    process.wait()
    process.stdout.close()
    assert len(left) == 1
    assert listing(out) == good

    out.rename(left[0] / "old")  # as if it had been killed between the two renames
    edit(small, 2, "1 / 0")
    assert run(small, out)[0] == 3
    assert listing(out) == good
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".aice-")] == []


def test_a_stopped_run_clears_up_after_itself(small, tmp_path):
    edit(small, 2, "import time; time.sleep(60)")
    run_file = small / "run_book.py"
    run(small, tmp_path / "out", "-p", "nothing=1")
    command = [sys.executable, str(run_file), "build", "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    time.sleep(1)
    process.terminate()
    process.wait(timeout=60)
    process.stdout.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["source"]
