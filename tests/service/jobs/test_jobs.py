"""Jobs: in processes of their own, heard while they run, ended within moments, told of however they ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tocsin.service.jobs._ledger import KEPT
from tocsin.service.jobs.job import Job
from tocsin.service.jobs.jobs import Jobs
from tocsin.service.problems import ProblemError
from tocsin.service.settings import Limits
from tocsin.testing import toy_jobs

PATIENCE_S = 30.0


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    """Room for two at a time, and for two that wait."""
    made = Jobs(tmp_path / "jobs", limits=Limits(jobs=2, waiting_jobs=2))
    yield made
    made.close()


def until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that waits to be buried does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def endless(jobs: Jobs, *, by: str = "ada") -> Job:
    return jobs.submit("count", toy_jobs.count, {"to": 10_000, "pause_s": 0.05}, by=by)


def test_a_job_runs_in_a_process_of_its_own_and_gives_its_result(jobs: Jobs, tmp_path: Path) -> None:
    job = jobs.submit("count", toy_jobs.count, {"to": 500}, by="ada", about="numbers")
    assert (job.what, job.by, job.about, job.state, job.result) == ("count", "ada", "numbers", "running", None)
    done = jobs.wait(job.id, timeout_s=PATIENCE_S)
    assert (done.state, done.problem) == ("done", None)
    assert done.result is not None
    assert done.result["counted"] == 500
    assert done.result["process"] != os.getpid()
    assert done.result["niceness"] == os.nice(0) + 10
    assert done.progress is not None
    assert (done.progress.what, done.progress.done, done.progress.total) == ("counting", 500, 500)
    assert done.created <= str(done.started) <= str(done.ended)
    assert [file.name for file in (tmp_path / "jobs").glob("*.json")] == [f"{job.id}.json"]


def test_progress_is_heard_while_it_runs(jobs: Jobs) -> None:
    job = endless(jobs)
    seen = set[int]()

    def some() -> bool:
        progress = jobs.get(job.id).progress
        seen.update([progress.done] if progress else [])
        return len(seen) > 3

    until(some)
    assert jobs.get(job.id).state == "running"


def test_what_people_can_put_right_is_told_with_its_remedy(jobs: Jobs) -> None:
    told = {"message": "The file is empty.", "remedy": "Give a table."}
    done = jobs.wait(jobs.submit("train", toy_jobs.complain, told, by="ada").id, timeout_s=PATIENCE_S)
    assert done.state == "failed"
    assert done.problem is not None
    assert done.problem.model_dump() == {
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "The file is empty.",
        "remedy": "Give a table.",
    }


def test_what_nobody_foresaw_is_told_without_its_innards(jobs: Jobs, capfd: pytest.CaptureFixture[str]) -> None:
    done = jobs.wait(jobs.submit("train", toy_jobs.stumble, {}, by="ada").id, timeout_s=PATIENCE_S)
    assert done.problem is not None
    assert done.problem.status == 500
    assert done.problem.detail == "Something went wrong inside tocsin (ValueError); its log tells what."
    assert "/secret/path" not in done.model_dump_json()
    assert "ValueError: /secret/path" in capfd.readouterr().err


def test_a_process_that_is_killed_is_a_job_that_failed(jobs: Jobs) -> None:
    done = jobs.wait(jobs.submit("train", toy_jobs.perish, {}, by="ada").id, timeout_s=PATIENCE_S)
    assert (done.state, done.result) == ("failed", None)
    assert done.problem is not None
    assert done.problem.detail == "The job's process was killed, perhaps because memory ran out."


def test_what_a_job_prints_is_no_news(jobs: Jobs) -> None:
    done = jobs.wait(jobs.submit("count", toy_jobs.chatter, {"lines": 3}, by="ada").id, timeout_s=PATIENCE_S)
    assert done.result == {"lines": 3}


def test_cancelling_ends_the_process_and_its_children_within_two_seconds(jobs: Jobs, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    job = jobs.submit("brood", toy_jobs.brood, {"folder": str(folder)}, by="ada", folder=folder)
    until(lambda: jobs.get(job.id).progress)
    progress = jobs.get(job.id).progress
    assert progress is not None
    assert alive(progress.done)
    assert alive(progress.total)
    began = time.monotonic()
    assert jobs.cancel(job.id).state == "cancelled"
    until(lambda: not alive(progress.done) and not alive(progress.total))
    assert time.monotonic() - began < 2.0
    assert not folder.exists()


def test_a_child_that_is_left_behind_does_not_keep_a_job_from_ending(jobs: Jobs) -> None:
    done = jobs.wait(jobs.submit("abandon", toy_jobs.abandon, {}, by="ada").id, timeout_s=PATIENCE_S)
    assert done.state == "done"
    assert done.result is not None
    child = done.result["child"]
    until(lambda: not alive(child))


def test_so_many_run_and_so_many_wait_and_more_are_refused(jobs: Jobs, tmp_path: Path) -> None:
    first, second, third, fourth = [endless(jobs) for _ in range(4)]
    assert [jobs.get(job.id).state for job in (first, second, third, fourth)] == ["running"] * 2 + ["queued"] * 2
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(ProblemError, match="2 jobs are waiting already") as refused:
        jobs.submit("count", toy_jobs.count, {"to": 1}, by="ada", folder=folder)
    assert refused.value.status == 429
    assert not folder.exists()
    assert jobs.cancel(third.id).state == "cancelled"
    jobs.cancel(first.id)
    until(lambda: jobs.get(fourth.id).state == "running")
    assert jobs.get(second.id).state == "running"
    assert [job.id for job in jobs.all()] == [fourth.id, third.id, second.id, first.id]


def test_a_job_that_is_over_stays_as_it_is(jobs: Jobs) -> None:
    done = jobs.wait(jobs.submit("count", toy_jobs.count, {"to": 1}, by="ada").id, timeout_s=PATIENCE_S)
    assert jobs.cancel(done.id) == done
    with pytest.raises(ProblemError) as error:
        jobs.get("0" * 24)
    assert error.value.status == 404


def test_a_service_that_stops_ends_its_jobs_and_the_next_one_knows_of_them(tmp_path: Path) -> None:
    before = Jobs(tmp_path, limits=Limits(jobs=1))
    done = before.wait(before.submit("count", toy_jobs.count, {"to": 1}, by="ada").id, timeout_s=PATIENCE_S)
    running, waiting = endless(before), endless(before)
    before.close()
    (before.place() / "readings.csv").write_text("left behind")
    after = Jobs(tmp_path, limits=Limits(jobs=1))
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
    assert after.get(done.id) == done
    for job in (running, waiting):
        told = after.get(job.id)
        assert told.state == "failed"
        assert told.problem is not None
        assert told.problem.detail == "The service was stopped meanwhile."
    with pytest.raises(ProblemError):
        endless(before)


def test_what_another_service_does_in_the_same_folder_is_left_alone(tmp_path: Path) -> None:
    first = Jobs(tmp_path, limits=Limits(jobs=1))
    place = first.place()
    running = endless(first)
    second = Jobs(tmp_path, limits=Limits(jobs=1))
    assert second.get(running.id).state == "running"
    assert place.is_dir()
    second.close()
    assert first.get(running.id).state == "running"
    first.close()
    third = Jobs(tmp_path, limits=Limits(jobs=1))
    assert third.get(running.id).state == "failed"
    assert not place.exists()
    third.close()


_HOST = """
import sys, time
from pathlib import Path
from tocsin.service.jobs.jobs import Jobs
from tocsin.service.settings import Limits
from tocsin.testing import toy_jobs
jobs = Jobs(Path(sys.argv[1]) / "jobs", limits=Limits())
jobs.submit("brood", toy_jobs.brood, {"folder": sys.argv[1]}, by="ada")
time.sleep(600)
"""


def test_a_service_that_is_killed_takes_its_jobs_along(tmp_path: Path) -> None:
    host = subprocess.Popen([sys.executable, "-c", _HOST, str(tmp_path)])
    note = tmp_path / "child"
    until(lambda: note.exists() and note.read_text())
    child = int(note.read_text())
    parent = psutil.Process(child).ppid()
    host.send_signal(signal.SIGKILL)
    host.wait()
    until(lambda: not alive(child) and not alive(parent))
    (told,) = Jobs(tmp_path / "jobs", limits=Limits()).all()
    assert told.state == "failed"
    assert told.problem is not None
    assert told.problem.detail == "The service was stopped meanwhile."


def test_a_damaged_record_is_passed_over_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    for k in range(KEPT + 5):
        job = Job(
            id=f"{k:024x}", what="train", state="done", created=f"2026-01-01T00:{k // 60:02}:{k % 60:02}Z", by="ada"
        )
        (tmp_path / f"{job.id}.json").write_text(job.model_dump_json())
    (tmp_path / "broken.json").write_text('{"id":')
    jobs = Jobs(tmp_path, limits=Limits())
    job = jobs.wait(jobs.submit("count", toy_jobs.count, {"to": 1}, by="ada").id, timeout_s=PATIENCE_S)
    assert len(jobs.all()) == KEPT
    assert jobs.all()[0] == job
    assert jobs.all()[-1].id == f"{6:024x}"
    assert not (tmp_path / f"{5:024x}.json").exists()
    jobs.close()


def test_a_record_is_whole_whenever_it_is_read(jobs: Jobs, tmp_path: Path) -> None:
    job, stop, torn = endless(jobs), threading.Event(), list[str]()

    def look() -> None:
        while not stop.is_set():
            try:
                json.loads((tmp_path / "jobs" / f"{job.id}.json").read_bytes())
            except ValueError as error:
                torn.append(str(error))

    looker = threading.Thread(target=look)
    looker.start()
    for _ in range(3):
        jobs.cancel(endless(jobs).id)
    jobs.cancel(job.id)
    stop.set()
    looker.join()
    assert torn == []


@pytest.mark.slow
def test_what_trains_is_loaded_by_jobs_alone() -> None:
    code = """
import sys
from tocsin.service.app import make_app
from tocsin.service.settings import ServiceSettings
from tocsin.service.jobs.training import recipe_of
import tempfile, pathlib
make_app(ServiceSettings(folder=pathlib.Path(tempfile.mkdtemp()))).openapi()
recipe_of({"fit": {"detector": "lstm_autoencoder"}, "detector": {"epochs": 3}})
print(sorted({"torch", "sklearn", "matplotlib"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
