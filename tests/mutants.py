"""Mutants of the statistics and of the views: ``make mutants N=100``.

Cosmic Ray makes the mutants of ``stats/`` and ``show/``; a seeded sample of them is tried, each against the tests that
run its line and, when these notice nothing, against the other tests of their files (for what one test of a file computes
others look at), in a process forked from this one, which has loaded the libraries. No test builds a book, starts a process or
drives a browser. All happens in a copy of the project under
``_build/mutants``, in a folder named after the sources: what was tried there is not tried again, so a run may be broken
off and go on, and a larger N goes on from a smaller one.
"""

import argparse
import bisect
import difflib
import hashlib
import importlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MUTATED = ("aice_helpers/stats", "aice_helpers/show")
SLOWEST = 5.0
"""Seconds a test may take to be run against mutants."""
TOGETHER = 20.0
"""Seconds that the tests of one mutant may take together, the fastest first."""
PATIENCE, START = 4, 30.0
"""A mutant may take this many times as long as the code it is made from, and some seconds more, before it counts as noticed."""
QUIET = ("-q", "-p", "no:cacheprovider")
LIBRARIES = (
    "coverage", "lifelines.datasets", "matplotlib.backends.backend_agg", "matplotlib.figure", "nbformat", "openpyxl", "pandas",
    "scipy.optimize", "scipy.stats", "seaborn", "yaml",
)  # fmt: skip
NOT_MUTATED = re.compile(r"RemoveDecorator|_Bit(Or|And|Xor)|Shift|_Pow|_FloorDiv|_Mod$")
"""Operators left out: what nobody would write by mistake, and what changes nothing (decorators, the ``|`` of hints)."""


def main():
    """Try the first ``N`` mutants of the sample and print those that no test notices."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--number", type=int, default=100, help="size of the sample")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    chosen = parser.parse_args()
    folder, tree = _prepared()
    seconds = _covered(folder, tree)
    _load_libraries()
    _require_passing(folder, tree, seconds)
    with _session(folder, tree) as session:
        sample = _sample(session, chosen.seed)[: chosen.number]
        _try_out(session, sample, folder, tree, seconds)
        _report(session, sample, tree)


def _prepared():
    """The folder of these sources and a fresh copy of the project in it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    files = sorted(name for name in set(filter(None, listed.split("\0"))) if (ROOT / name).is_file())
    digest = hashlib.sha256()
    for name in files:
        if name.endswith((".py", ".yml", ".csv", ".toml")) and name != f"tests/{Path(__file__).name}":
            digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    folder = ROOT / "_build" / "mutants" / digest.hexdigest()[:12]
    tree = folder / "tree"
    # A run that was broken off may have left a mutant behind.
    shutil.rmtree(tree, ignore_errors=True)
    for name in files:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)
    return folder, tree


def _covered(folder, tree):
    """Seconds of each test that may be run; the lines each of them runs are left in ``folder``."""
    kept = folder / "seconds.json"
    if not kept.exists():
        print("which test runs which line (once for these sources)", flush=True)
        subprocess.run(
            [sys.executable, "-m", "pytest", *QUIET, "-p", "covering", *_test_files(tree), *MUTATED], cwd=tree, check=False,
            env=_environment(tree) | {"MUTANTS": str(folder)}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return {test: each for test, each in json.loads(kept.read_text(encoding="utf-8")).items() if each < SLOWEST}


def _test_files(tree):
    """Files of tests that speak of what is mutated, or of tables as they are shown; lessons have numbers of their own."""
    speaks = re.compile(r"^from aice_helpers\.(stats|show|analysis)\b", re.M)
    lessons = re.compile(r"^(from|import) aice_helpers\.(course|draft)\b", re.M)
    files = {file: file.read_text(encoding="utf-8") for file in sorted((tree / "tests").glob("test_*.py"))}
    return [f"tests/{file.name}" for file, text in files.items() if speaks.search(text) and not lessons.search(text)]


def _environment(tree):
    return os.environ | {"PYTHONPATH": f"{tree}{os.pathsep}{tree / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1"}


def _session(folder, tree):
    """Cosmic Ray's session of these sources, with every mutant in it."""
    from cosmic_ray.commands import init
    from cosmic_ray.work_db import use_db

    path = folder / "session.sqlite"
    if not path.exists():
        print("every mutant (once for these sources)", flush=True)
        modules = [file for name in MUTATED for file in sorted((tree / name).rglob("*.py"))]
        making = folder / "making.sqlite"
        making.unlink(missing_ok=True)
        with use_db(making) as session:
            init(modules, session, {})
        making.replace(path)
    return use_db(path)


def _sample(session, seed):
    """One mutant of each place in the code, in an order that depends on the sources and the seed alone."""
    places = {}
    for item in session.work_items:
        (mutation,) = item.mutations
        if not NOT_MUTATED.search(mutation.operator_name):
            where = (str(mutation.module_path), *mutation.start_pos, *mutation.end_pos)
            places.setdefault(where, []).append((mutation.operator_name, mutation.occurrence, item))
    drawn = random.Random(seed)
    sample = [drawn.choice(sorted(places[where], key=lambda each: each[:2]))[2] for where in sorted(places)]
    drawn.shuffle(sample)
    return sample


def _try_out(session, sample, folder, tree, seconds):
    import coverage
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

    lines = coverage.CoverageData(str(folder / "lines"))
    lines.read()
    done = {job for job, _ in session.results}
    for place, item in enumerate(sample):
        if item.job_id in done:
            continue
        (mutation,) = item.mutations
        covering = [test for test in _tests_of(lines, mutation) if test in seconds]
        files = {test.split("::")[0] for test in covering}
        others = [test for test in seconds if test.split("::")[0] in files and test not in covering]
        result = WorkResult(worker_outcome=WorkerOutcome.NO_TEST, test_outcome=TestOutcome.SURVIVED)
        for tests in filter(None, (covering, others)):
            noticed, diff = _noticed(mutation, _fastest(tests, seconds), seconds, tree)
            outcome = TestOutcome.KILLED if noticed else TestOutcome.SURVIVED
            result = WorkResult(worker_outcome=WorkerOutcome.NORMAL, test_outcome=outcome, diff=diff)
            if noticed:
                break
        session.set_result(item.job_id, result)
        where = f"{Path(mutation.module_path).relative_to(tree)}:{mutation.start_pos[0]}"
        print(
            f"{place + 1} {where} {'noticed' if result.is_killed else 'SURVIVED'} ({len(covering)} tests)", flush=True
        )


def _noticed(mutation, tests, seconds, tree):
    """Whether some tests fail with a mutant or take too long, and what it changed."""
    from cosmic_ray.mutating import use_mutation
    from cosmic_ray.plugins import get_operator

    with use_mutation(mutation.module_path, get_operator(mutation.operator_name)(), mutation.occurrence) as texts:
        before, after = (text.split("\n") for text in texts)
        passed = _pass(tests, tree, START + PATIENCE * sum(map(seconds.get, tests)))
    return not passed, "\n".join(difflib.unified_diff(before, after, lineterm="", n=0))


def _pass(tests, tree, limit):
    """Whether tests pass within some seconds, in a forked process that has loaded nothing of the project."""
    child = os.fork()
    if not child:
        os.setsid()
        os.chdir(tree)
        os.environ.update(_environment(tree))
        sys.path[:0] = [str(tree), str(tree / "tests")]
        sys.dont_write_bytecode = True
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        code = 1
        try:
            code = int(pytest.main([*QUIET, "-x", *tests]))
        finally:
            os._exit(code)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _require_passing(folder, tree, seconds):
    """End the program unless the tests pass in a forked process as they do in one of their own."""
    passed = folder / "passed"
    if not passed.exists():
        print("the tests without a mutant (once for these sources)", flush=True)
        if not _pass(list(seconds), tree, START + PATIENCE * sum(seconds.values())):
            sys.exit("the tests do not pass as they are, so they can say nothing about mutants")
        passed.touch()


def _load_libraries():
    """Load what takes long and is not the project's, before a process is forked for each mutant."""
    for name in LIBRARIES:
        importlib.import_module(name)


def _tests_of(lines, mutation):
    """Tests that run the line of a mutant; those of the whole module for a line that is run when it is imported."""
    contexts = lines.contexts_by_lineno(str(mutation.module_path))
    run = sorted(contexts)
    place = bisect.bisect_right(run, mutation.start_pos[0])
    tests = set(contexts[run[place - 1]]) - {""} if place else set()
    return tests or {test for found in contexts.values() for test in found} - {""}


def _fastest(tests, seconds):
    """The tests that take no longer than `TOGETHER`, the fastest first."""
    chosen, total = [], 0.0
    for test in sorted(tests, key=seconds.get):
        total += seconds[test]
        if not chosen or total <= TOGETHER:
            chosen.append(test)
    return chosen


def _report(session, sample, tree):
    results = dict(session.results)
    tried = [item for item in sample if item.job_id in results]
    left = [item for item in tried if not results[item.job_id].is_killed]
    for item in left:
        (mutation,) = item.mutations
        changed = [line for line in (results[item.job_id].diff or "").split("\n") if re.match(r"[+-](?![+-])", line)]
        path = Path(mutation.module_path).relative_to(tree)
        print("\n".join([f"\n{path}:{mutation.start_pos[0]} {mutation.operator_name}", *changed]))
    print(f"\n{len(tried)} mutants tried, {len(tried) - len(left)} noticed, {len(left)} survived")


if __name__ == "__main__":
    main()
