"""The folder of a book: nothing of the user's is removed, whatever happens, and one run at a time holds the place."""

import json
import multiprocessing
import os
import threading
import time

import pytest

from aice_helpers.build import cache, pages, products
from aice_helpers.core.problems import UsageError


def quiet(line):
    pass


def make_book(place, text, *, extra=()):
    """A small book as a run would make it; returns what `Place.replace` kept."""
    fresh = place.work / "book"
    for name in ("html/index.html", "html/_static/style.css", "results/cox.csv", *extra):
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        (fresh / name).write_text(text)
    products.write_record(fresh, {"patients": 3})
    return place.replace(fresh)


def build(out, text, *, say=quiet, extra=()):
    with products.Place(out, say=say) as place:
        products.refuse_changed(products.survey(out), out)
        return make_book(place, text, extra=extra)


def listing(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def out(tmp_path):
    build(tmp_path / "out", "one")
    return tmp_path / "out"


def add(out, name, text="mine"):
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / name).write_text(text)


def test_a_book_is_recorded_file_by_file_and_nothing_is_left_beside_it(out, tmp_path):
    record = json.loads((out / "run.json").read_text())
    assert sorted(record["files"]) == ["html/_static/style.css", "html/index.html", "results/cox.csv"]
    assert products.survey(out).foreign == ()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_what_the_user_put_into_a_book_stands_in_the_next_one(out):
    mine = ("results/annotated.xlsx", "html/remarks.txt", "notes/deep/er.md", "new.txt")
    for name in mine:
        add(out, name, name)
    (out / "empty").mkdir()
    (out / "link").symlink_to("nowhere")
    kept = build(out, "two")
    assert set(kept) == {*mine, "empty", "link", "notes", "notes/deep"}
    assert {name: (out / name).read_text() for name in mine} == {name: name for name in mine}
    assert (out / "empty").is_dir()
    assert os.readlink(out / "link") == "nowhere"
    assert (out / "html/index.html").read_text() == "two"
    assert build(out, "three") == kept


def test_without_links_the_users_files_are_copied(out, monkeypatch):
    add(out, "results/annotated.xlsx")

    def no_links(*args, **kwargs):
        raise PermissionError

    monkeypatch.setattr(os, "link", no_links)
    build(out, "two")
    assert (out / "results/annotated.xlsx").read_text() == "mine"


@pytest.mark.parametrize("name", ["results/cox.csv", "html/index.html"])
def test_a_file_of_the_book_that_was_changed_stops_the_build_by_name(out, name):
    add(out, name, "edited")
    before = listing(out)
    with pytest.raises(UsageError, match=f"{name} in the folder out was changed"):
        build(out, "two")
    assert listing(out) == before


def test_a_file_changed_while_the_book_is_made_stops_it_too(out, tmp_path):
    with products.Place(out, say=quiet) as place:
        add(out, "results/cox.csv", "edited")
        with pytest.raises(UsageError, match=r"results/cox\.csv"):
            make_book(place, "two")
    assert (out / "results/cox.csv").read_text() == "edited"
    assert (out / "html/index.html").read_text() == "one"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_a_file_of_the_user_where_the_new_book_has_one_stops_the_build(out):
    add(out, "results/ph_test.csv")
    with pytest.raises(UsageError, match=r"results/ph_test\.csv"):
        build(out, "two", extra=("results/ph_test.csv",))
    assert (out / "results/ph_test.csv").read_text() == "mine"


def test_a_file_of_the_book_that_the_user_removed_does_not_matter(out):
    (out / "results/cox.csv").unlink()
    build(out, "two")
    assert (out / "results/cox.csv").read_text() == "two"


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"files": {}, "record_sha256": "1"}', '{"files": 3}'])
def test_a_folder_with_a_record_of_something_else_is_refused(tmp_path, text):
    add(tmp_path / "out", "run.json", text)
    add(tmp_path / "out", "results/my_analysis.xlsx")
    with pytest.raises(UsageError, match=r"results/my_analysis\.xlsx|run\.json"):
        build(tmp_path / "out", "one")
    assert sorted(listing(tmp_path / "out")) == ["results/my_analysis.xlsx", "run.json"]


def test_a_book_caught_between_two_renames_comes_back_before_anything_else(out, tmp_path):
    hidden = tmp_path / ".aice-out"
    good = listing(out)
    hidden.mkdir()
    out.rename(hidden / "old")
    said = []
    with products.Place(out, say=said.append):
        assert listing(out) == good
    assert said == ["an earlier run was stopped while it replaced out; the book from before is back"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_it_comes_back_over_an_empty_folder_but_never_over_something_else(out, tmp_path):
    hidden = tmp_path / ".aice-out"
    good = listing(out)
    hidden.mkdir()
    out.rename(hidden / "old")
    add(out, "mine.txt")
    with pytest.raises(UsageError, match=r"lies in \.aice-out/old"), products.Place(out, say=quiet):
        pass
    assert listing(hidden / "old") == good
    (out / "mine.txt").unlink()
    with products.Place(out, say=quiet):
        assert listing(out) == good


def test_what_a_run_killed_after_the_second_rename_leaves_is_cleared_but_for_what_is_the_users(out, tmp_path):
    hidden = tmp_path / ".aice-out"
    hidden.mkdir()
    out.rename(hidden / "old")
    add(hidden / "old", "results/late.txt", "came at the last moment")
    with products.Place(tmp_path / "other", say=quiet) as place:
        make_book(place, "two")
    (tmp_path / "other").rename(out)
    with products.Place(out, say=quiet):
        pass
    assert (out / "results/late.txt").read_text() == "came at the last moment"
    assert (out / "html/index.html").read_text() == "two"
    assert not hidden.exists()


def test_a_failed_run_leaves_neither_work_nor_folders_of_its_own(tmp_path):
    with pytest.raises(ZeroDivisionError), products.Place(tmp_path / "a" / "b" / "out", say=quiet):
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="out cannot be made there: Permission denied"):
        build(tmp_path / "out", "one")
    tmp_path.chmod(0o700)


def test_removing_a_book_leaves_what_is_the_users(out):
    add(out, "results/annotated.xlsx")
    found = products.remove(out)
    assert found.foreign == ("results/annotated.xlsx",)
    assert listing(out) == {"results/annotated.xlsx": "mine"}


def _hold(out, number, inside, worst):
    for turn in range(10):
        with products.Place(out, say=quiet) as place:
            with inside.get_lock():
                inside.value += 1
                worst.value = max(worst.value, inside.value)
            time.sleep(0.002)
            make_book(place, f"{number} {turn}")
            with inside.get_lock():
                inside.value -= 1


def test_one_run_at_a_time_holds_a_place(tmp_path):
    forks = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    inside, worst = forks.Value("i", 0), forks.Value("i", 0)
    runs = [forks.Process(target=_hold, args=(tmp_path / "out", number, inside, worst)) for number in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert [run.exitcode for run in runs] == [0, 0, 0, 0]
    assert worst.value == 1
    assert len(set(listing(tmp_path / "out").values()) - {(tmp_path / "out" / "run.json").read_text()}) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_many_threads_keep_fetch_and_prune_the_same_full_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setitem(cache.KINDS, "notebook", 20)
    faults = []

    def work(number):
        try:
            for turn in range(50):
                cache.keep("notebook", f"{number}-{turn}", b"{}")
                cache.prune()
                assert cache.fetch("notebook", f"{number}-{turn - 1}") in (b"{}", None)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    cache.prune()
    assert len(list(cache.folder().iterdir())) == 20
    cache.clear()
    assert not cache.folder().exists()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    (tmp_path / "_build").write_text("a file")
    cache.keep("notebook", "key", b"{}")
    cache.prune()
    cache.clear()
    assert cache.fetch("notebook", "key") is None
