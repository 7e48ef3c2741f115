"""Resampling on any number of workers: the same numbers, and a worker that is killed costs its task and nothing else."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest
from cohorts import TESTS

from aice_helpers.core import workers
from aice_helpers.core.problems import BookError
from aice_helpers.core.results import pick
from aice_helpers.data.load import load_cohort
from aice_helpers.stats.performance import model_performance, resamples_for


def means(rng, count):
    return [float(rng.normal(size=50).mean()) for _ in range(count)]


def slow_means(rng, count):
    time.sleep(0.4)
    return means(rng, count)


@pytest.fixture
def cluster(monkeypatch):
    """Starts a cluster of so many workers and makes it the scheduler; returns it."""
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    started = []

    def start(size):
        found = distributed.LocalCluster(n_workers=size, threads_per_worker=1, dashboard_address=None)
        started.append(found)
        monkeypatch.setenv(workers.SCHEDULER, found.scheduler_address)
        return found

    yield start
    for client in list((distributed.client._get_global_client() and [distributed.client._get_global_client()]) or []):
        client.close()
    workers._client.cache_clear()
    for one in started:
        one.close()


def test_every_task_has_a_seed_of_its_own():
    found = workers.resampled(means, 60, 7)
    assert len(found) == len(set(found)) == 60
    assert found[:25] == means(np.random.default_rng([7, 0]), 25)
    assert found[50:] == means(np.random.default_rng([7, 2]), 10)
    assert workers.resampled(means, 30, 7) == found[:30]
    assert workers.resampled(means, 0, 7) == []


@pytest.mark.parametrize("size", [1, 2])
def test_a_cluster_gives_the_same_numbers(cluster, size):
    here = workers.resampled(means, 60, 7)
    cluster(size)
    assert workers.resampled(means, 60, 7) == here


def test_a_killed_worker_costs_its_task_and_nothing_else(cluster):
    here = workers.resampled(means, 200, 7)
    found = cluster(2)
    victim = next(iter(found.workers.values())).pid

    threading.Timer(1.0, lambda: os.kill(victim, signal.SIGKILL)).start()
    assert workers.resampled(slow_means, 200, 7) == here


def test_the_optimism_of_a_model_is_the_same_on_a_cluster(cluster):
    cohort = load_cohort(TESTS.parent / "data" / "study.yml")
    where = {"endpoint": "OS", "term": "optimism-corrected concordance"}
    here = pick(model_performance(cohort, resamples=60), **where)["estimate"]
    cluster(2)
    assert pick(model_performance(cohort, resamples=60), **where)["estimate"] == here


def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setenv(workers.SCHEDULER, "tcp://127.0.0.1:9")
    monkeypatch.setattr(workers, "TIMEOUT", "1s")
    workers._client.cache_clear()
    with pytest.raises(BookError, match=r"the scheduler tcp://127\.0\.0\.1:9 cannot be reached"):
        workers.resampled(means, 60, 7)


def test_resamples_are_bounded_for_large_cohorts():
    counts = [resamples_for(n) for n in (1, 113, 10_000, 50_000, 10**6)]
    assert counts == [200, 200, 200, 40, 20]


def test_a_build_resamples_on_a_cluster_of_its_own(tmp_path):
    command = [
        sys.executable,
        "-m",
        "aice_helpers.cli",
        "build",
        "--fresh",
        "--part",
        "analysis",
        "--scheduler",
        "local",
    ]
    done = subprocess.run(
        [*command, "--out", tmp_path / "out"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tables = [
        folder / "model_performance.csv" for folder in (tmp_path / "out" / "results", TESTS / "snapshots" / "default")
    ]
    here, before = (pd.read_csv(table)["estimate"] for table in tables)
    assert here.to_numpy() == pytest.approx(before.to_numpy(), rel=1e-12, nan_ok=True)


def test_a_scheduler_is_named_within_its_context_only(monkeypatch):
    monkeypatch.delenv(workers.SCHEDULER, raising=False)
    with workers.scheduled("tcp://127.0.0.1:9"):
        assert os.environ[workers.SCHEDULER] == "tcp://127.0.0.1:9"
    assert workers.SCHEDULER not in os.environ
    with workers.scheduled(None):
        assert workers.SCHEDULER not in os.environ
