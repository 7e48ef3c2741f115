"""A plugin of pytest (``-p covering``): which test runs which line, and how long it takes.

It leaves ``lines`` (data of coverage.py, a context a test) and ``seconds.json`` (the tests that passed) in the folder
`FOLDER`. A test that starts a process or builds a book is skipped, and one that drives a browser as well.
"""

import json
import os
import subprocess
import time
from pathlib import Path

import coverage
import pytest

FOLDER = "MUTANTS"
"""Environment variable with the folder to write into."""


class Recorder:
    """Switches coverage to each test in turn and keeps the seconds of those that passed."""

    def __init__(self, folder):
        self.folder, self.seconds, self.failed = folder, {}, set()
        self.cover = coverage.Coverage(str(folder / "lines"), include=["*/aice_helpers/*"], config_file=False)
        self.cover.start()
        # Only now, so that the lines that an import runs are seen.
        from aice_helpers.build import book

        self.book = book

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        if "browser" in item.fixturenames:
            item.add_marker(pytest.mark.skip(reason="drives a browser"))
        self.cover.switch_context(item.nodeid)
        start = time.perf_counter()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subprocess.Popen, "__init__", _skip)
            patch.setattr(self.book, "build", _skip)
            result = yield
        if item.nodeid not in self.failed:
            self.seconds[item.nodeid] = time.perf_counter() - start
        self.cover.switch_context("")
        return result

    def pytest_runtest_logreport(self, report):
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self):
        self.cover.stop()
        self.cover.save()
        (self.folder / "seconds.json").write_text(json.dumps(self.seconds), encoding="utf-8")


def _skip(*_given, **_named):
    pytest.skip("it starts a process or builds a book")


def pytest_configure(config):
    if FOLDER in os.environ:
        config.pluginmanager.register(Recorder(Path(os.environ[FOLDER])))
