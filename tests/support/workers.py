"""Starts and ends real worker processes, and asks the database about their runs."""

import os
import signal
import subprocess
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from app.core.config import Settings
from app.core.uow import Actor
from app.services.runs import get_run_row
from app.views.runs import RunRow
from app.wiring import Wiring
from tests.support.source import ROOT
from tests.support.starting import start
from tests.support.waiting import until

WORKER = ("app.adapters.code_monty", "app.adapters.http_guarded", "app.jobs.room")
BEFORE = {"tests.support.shipped_worker": ("app.adapters.llm_litellm", "app.jobs.deps", "app.jobs.worker")}
OVER = ("succeeded", "failed", "cancelled")
LAST_LINES = 40


class WorkerProcess:
    """One running worker; its log is kept in a file."""

    def __init__(self, settings: Settings, *, module: str = "tests.support.worker_process", log: str = "", **variables: str) -> None:
        self.log_path = Path(log) if log else settings.data_dir / f"worker-{uuid.uuid4().hex[:6]}.log"
        environment = os.environ | {
            "AF_ENV": "test",
            "AF_DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "AF_SECRET_KEY": settings.secret_key,
            "AF_LEASE_S": "1",
            "AF_GRACE_S": "1",
            "PYTHONPATH": str(ROOT),
            **variables,
        }
        with self.log_path.open("wb") as sink, Path(os.devnull).open("rb") as nothing:
            self._process = start(module, environment=environment, before=BEFORE.get(module, WORKER), files=(nothing, sink, sink))

    @property
    def log(self) -> str:
        """What it logged so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ready(self) -> "WorkerProcess":
        """Wait until it listens."""
        try:
            until(lambda: "worker ready" in self.log or not self.is_alive, timeout_s=120, what="the worker's start")
        except AssertionError as error:
            raise AssertionError(f"{error}; it said:\n{self.log}") from None
        assert self.is_alive, f"the worker ended at once:\n{self.log}"
        return self

    def send(self, number: signal.Signals) -> None:
        """Signal it."""
        self._process.send_signal(number)

    def stop(self, *, timeout_s: float = 60.0) -> int:
        """SIGTERM, and its exit status."""
        self.send(signal.SIGTERM)
        return self._process.wait(timeout_s)

    def wait_dead(self, *, timeout_s: float = 60.0) -> int:
        """Wait until it died by itself."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the worker still lives after {timeout_s:g} s; it said:\n{self.log}") from None

    def kill(self) -> None:
        """SIGKILL, if it still lives."""
        if self.is_alive:
            self._process.kill()
        self._process.wait(10)


def look_together(settings: Settings, folder: Path, *, processes: int = 4) -> None:
    """Let several processes look for due moments and events at once, and wait until all are done."""
    go = folder / "go"
    marks = [folder / f"ready-{number}" for number in range(processes)]
    variables = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url, "AF_SECRET_KEY": settings.secret_key}
    environment = os.environ | {"AF_ENV": "test", "AF_DATA_DIR": str(settings.data_dir), "PYTHONPATH": str(ROOT), **variables}
    looking = partial(start, "tests.support.looking_process", environment=environment, before=["app.jobs.triggers"])
    started = [looking(str(mark), str(go), files=(0, 1, 2)) for mark in marks]
    try:
        until(lambda: all(mark.exists() for mark in marks), timeout_s=120, what="all processes")
        go.touch()
        assert [process.wait(60) for process in started] == [0] * processes
    finally:
        for process in started:
            process.kill()
            process.wait(10)


@contextmanager
def worker(settings: Settings, **variables: str) -> Generator[WorkerProcess]:
    """A worker for one block."""
    process = WorkerProcess(settings, **variables)
    try:
        yield process.ready()
    finally:
        process.kill()


def row_of(wiring: Wiring, actor: Actor, run_id: uuid.UUID) -> RunRow:
    """The run's line."""
    with wiring.unit(actor, write=False) as uow:
        return get_run_row(uow, run_id=run_id)


def wait_for(wiring: Wiring, actor: Actor, run_id: uuid.UUID, *statuses: str, timeout_s: float = 60.0) -> RunRow:
    """Wait until the run has one of the statuses (any terminal one if none is given); tells what the workers said if it never has."""
    wanted = statuses or OVER

    try:
        until(lambda: row_of(wiring, actor, run_id).status in wanted, timeout_s=timeout_s, what=f"run {run_id} in {wanted}")
    except AssertionError as error:
        raise AssertionError(f"{error}; it is {row_of(wiring, actor, run_id)}\n{said(wiring.settings)}") from None
    return row_of(wiring, actor, run_id)


def said(settings: Settings) -> str:
    """The last words of every worker that was started for these settings."""
    logs = sorted(settings.data_dir.glob("worker-*.log"), key=lambda path: path.stat().st_mtime)
    tails = ("\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]) for path in logs)
    return "\n".join(f"{path.name} said:\n{tail or 'nothing'}" for path, tail in zip(logs, tails, strict=True)) or "no worker was started"
