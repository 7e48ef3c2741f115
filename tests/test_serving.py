"""The local preview: who may see it, that pages follow what is edited, and what stands in the way."""

import http.client
import re
import signal
import subprocess
import sys
import time
import urllib.parse

import pytest
from test_book import edit, run, small  # noqa: F401

FIRST = "notebooks/first.html"


class Served:
    """A running preview of the small book."""

    def __init__(self, root, *options):
        self.root = root
        run(root, root.parent / "out", "-p", "nothing=1")  # writes the script that runs this book
        command = [sys.executable, str(root / "run_book.py"), "serve", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = iter(self.process.stdout.readline, "")
        said = next(line for line in lines if line.startswith("open http"))
        self.address = urllib.parse.urlsplit(said.split()[1])

    def get(self, place="", *, token=None, host=None, method="GET"):
        """Status, headers and body of an answer."""
        asked = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=30)
        path = self.address.path if token is None else f"/{token}/"
        asked.putrequest(method, path + place, skip_host=True)
        asked.putheader("Host", host or self.address.netloc)
        asked.endheaders()
        answer = asked.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", errors="replace")
        asked.close()
        return found

    def wait_for(self, text, place=FIRST, seconds=60):
        """The page as soon as it holds a text."""
        end = time.monotonic() + seconds
        while text not in (page := self.get(place)[2]):
            assert time.monotonic() < end, page[-600:]
            time.sleep(0.05)
        return page

    def events(self):
        """A connection on which the server tells what happens."""
        asked = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)
        asked.request("GET", self.address.path + "events")
        return asked.getresponse()


@pytest.fixture
def served(small):  # noqa: F811
    found = Served(small)
    yield found
    found.process.kill()
    found.process.wait()
    found.process.stdout.close()


def test_only_who_knows_the_token_sees_anything(served):
    assert served.get(FIRST)[0] == 200
    for token in ("", "wrong", served.address.path.strip("/")[:-1]):
        assert served.get(FIRST, token=token)[0] in (403, 404)
        assert "<html" not in served.get(FIRST, token=token)[2]
    assert served.get(FIRST, host="evil.example")[0] == 403
    assert served.get(FIRST, host=f"localhost:{served.address.port}")[0] == 200
    for place in (
        "../../data/cohort.csv",
        "%2e%2e/%2e%2e/data/cohort.csv",
        "/etc/passwd",
        "..%2f..%2fdata%2fstudy.yml",
    ):
        assert served.get(place)[0] == 404
    assert served.get(FIRST, method="POST")[0] == 501
    code, headers, _ = served.get()
    assert (code, headers["Location"]) == (302, f"{served.address.path}{FIRST}")
    assert served.address.hostname == "127.0.0.1"


def test_pages_follow_text_cells_and_faults(served):
    assert served.get(FIRST)[2].count("new EventSource(") == 1
    events = served.events()
    edit(served.root, 0, "# First\n\nA new sentence.")
    served.wait_for("A new sentence.")
    assert events.readline() == b"event: reload\n"
    edit(served.root, 2, "6 * 7 * 1000001")
    served.wait_for("42000042")
    study = served.root / "data" / "study.yml"
    good = study.read_text(encoding="utf-8")
    study.write_text("title: nothing else", encoding="utf-8")
    told = b""
    while b"event: fault" not in told:
        told = events.readline()
    assert b"this key is missing" in events.readline()
    assert served.get(FIRST)[0] == 200
    study.write_text(good, encoding="utf-8")
    while events.readline() != b"event: reload\n":
        pass
    edit(served.root, 2, "1 / 0")
    while b"ZeroDivisionError" not in told:
        told = events.readline()
    events.close()


def test_nothing_of_the_preview_is_in_a_book_and_it_ends_in_one_line(served, small, tmp_path):  # noqa: F811
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=30) == 0
    assert served.process.stdout.read().splitlines()[-1] == "stopped"
    assert run(small, tmp_path / "book")[0] == 0
    assert "EventSource" not in (tmp_path / "book" / "html" / FIRST).read_text(encoding="utf-8")


def test_a_study_at_fault_is_told_on_the_page_until_it_is_mended(small):  # noqa: F811
    study = small / "data" / "study.yml"
    good = study.read_text(encoding="utf-8")
    study.write_text("title: <b>none</b>\nsynthetic: maybe", encoding="utf-8")
    served = Served(small)
    try:
        code, _, page = served.get()
        assert code == 200
        assert "No book yet" in page
        assert re.search(r"key &#x27;variables&#x27;: this key is missing", page)
        assert "<b>" not in page
        study.write_text(good, encoding="utf-8")
        assert "EventSource" in served.wait_for("<h1>First")
    finally:
        served.process.kill()
        served.process.wait()
        served.process.stdout.close()


@pytest.mark.browser
def test_an_open_page_loads_itself_again_and_shows_a_fault(served, browser):
    browser.open(served.address.geturl() + FIRST)
    edit(served.root, 0, "# First\n\nSeen in the browser.")
    browser.wait_for("document.body && document.body.innerText.includes('Seen in the browser.')", 30)
    edit(served.root, 2, "undefined_name")
    assert "NameError" in browser.wait_for("(document.querySelector('#aice-fault') || {}).textContent", 30)
    edit(served.root, 2, "2 + 2")
    browser.wait_for("document.body && !document.querySelector('#aice-fault')", 30)
    assert browser.errors == []
