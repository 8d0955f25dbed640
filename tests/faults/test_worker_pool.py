"""`agent-factory worker --processes 2`: both serve, a killed one is replaced and loses nothing, and one signal ends all of them."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from app.core.uow import Actor
from app.services.runs.tables import run_table
from app.wiring import Wiring
from engine.spec.workflow import WorkflowSpec
from tests.support.called import Begin
from tests.support.waiting import until
from tests.support.workers import ROOT, wait_for
from tests.support.workflows import node, spec_of


class Pool:
    """The command, running."""

    def __init__(self, wiring: Wiring, log: Path) -> None:
        settings = wiring.settings
        self.log_path = log
        environment = os.environ | {
            "AF_ENV": "test",
            "AF_DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "AF_SECRET_KEY": settings.secret_key,
            "AF_LEASE_S": "3600",  # longer than any test: only a replacement that takes over goes on
            "AF_GRACE_S": "1",
        }
        words = [sys.executable, "-m", "app.cli", "worker", "--processes", "2", "--concurrency", "3"]
        with log.open("wb") as sink:
            self.process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=sink, stderr=sink)

    @property
    def log(self) -> str:
        """What was said so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def workers(self) -> list[psutil.Process]:
        """The worker processes below the command."""
        return [child for child in psutil.Process(self.process.pid).children() if "worker" in _words(child)]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a short-lived one ended meanwhile
        return []


@pytest.fixture
def pool(wiring: Wiring, tmp_path: Path) -> Iterator[Pool]:
    running = Pool(wiring, tmp_path / "pool.log")
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait(10)


def at_work(seconds: float) -> WorkflowSpec:
    return spec_of(
        node("start", "start"),
        node("ask", "llm", model="demo/assistant", prompt=f"[[slow:{seconds}]] How are you?"),
        node("end", "end", output="done"),
        edges="start>ask ask>end",
    )


def holders(wiring: Wiring) -> list[str]:
    """Who holds runs."""
    with wiring.database.connect() as connection:
        return sorted(connection.execute(sa.select(run_table.c.owner).where(run_table.c.status == "running").distinct()).scalars())


def test_a_killed_process_of_the_pool_is_replaced_and_its_runs_go_on(wiring: Wiring, actor: Actor, begin: Begin, pool: Pool) -> None:
    until(lambda: len(pool.workers()) == 2, timeout_s=90, what="two workers")
    rows = [begin(at_work(3)) for _ in range(6)]
    until(lambda: len(holders(wiring)) == 2, timeout_s=60, what="runs on both")
    victim = pool.workers()[0]
    os.kill(victim.pid, signal.SIGKILL)
    for row in rows:
        assert wait_for(wiring, actor, row.id, timeout_s=90).status == "succeeded", pool.log
    until(lambda: len(pool.workers()) == 2 and victim.pid not in [one.pid for one in pool.workers()], timeout_s=90, what="its replacement")
    assert re.search(r"worker-[12] ended with -9", pool.log), pool.log


def test_one_signal_ends_the_whole_pool(pool: Pool) -> None:
    until(lambda: len(pool.workers()) == 2, timeout_s=90, what="two workers")
    workers = pool.workers()
    pool.process.send_signal(signal.SIGTERM)
    assert pool.process.wait(60) == 0
    assert [one.pid for one in workers if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
