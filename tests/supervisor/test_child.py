"""Supervised children: restarted with back-off, ended with their whole group, every line kept, whatever they do."""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.supervisor.child import Child, ChildSpec, Listener
from tests.support.waiting import until_async


@dataclass
class News:
    lines: list[str] = field(default_factory=list)
    exits: list[tuple[int, float]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def listener(self) -> Listener:
        return Listener(
            line=lambda _name, line: self.lines.append(line),
            exited=lambda _name, code, delay: self.exits.append((code, delay)),
            trouble=self.troubles.append,
        )


def child_of(program: str, tmp_path: Path, news: News, *, grace_s: float = 5.0) -> Child:
    command = [sys.executable, "-u", "-c", program]
    log_path = tmp_path / "logs" / "probe.log"
    return Child(ChildSpec("probe", command, tmp_path, dict(os.environ), log_path, grace_s), news.listener())


async def test_a_child_that_dies_is_started_again_with_longer_and_longer_pauses(tmp_path: Path) -> None:
    news = News()
    child = child_of("raise SystemExit(3)", tmp_path, news)
    running = asyncio.create_task(child.run())
    await until_async(lambda: len(news.exits) >= 3)
    await child.stop()
    await running
    assert news.exits[:3] == [(3, 0.5), (3, 1.0), (3, 2.0)]


async def test_stopping_lets_a_child_finish_its_work(tmp_path: Path) -> None:
    program = "import signal,sys,time\nsignal.signal(15,lambda *_:(print('done'),sys.exit(0)))\nprint('up')\ntime.sleep(60)"
    news = News()
    child = child_of(program, tmp_path, news)
    running = asyncio.create_task(child.run())
    await until_async(lambda: "up" in news.lines)
    await child.stop()
    await running
    assert news.lines == ["up", "done"]
    assert news.exits == []
    assert (tmp_path / "logs" / "probe.log").read_text(encoding="utf-8") == "up\ndone\n"


async def test_a_child_that_ignores_the_signal_is_killed_after_its_grace(tmp_path: Path) -> None:
    news = News()
    child = child_of("import signal,time\nsignal.signal(15,signal.SIG_IGN)\nprint('up')\ntime.sleep(60)", tmp_path, news, grace_s=0.2)
    running = asyncio.create_task(child.run())
    await until_async(lambda: "up" in news.lines)
    pid = child.pid
    await child.stop()
    await running
    assert pid
    assert not psutil.pid_exists(pid)


async def test_grandchildren_of_a_crashed_child_end_with_it(tmp_path: Path) -> None:
    program = (
        "import subprocess,sys,os,signal\n"
        "p=subprocess.Popen([sys.executable,'-c','import time; time.sleep(60)'])\n"
        "print(p.pid)\nos.kill(os.getpid(),signal.SIGKILL)"
    )
    news = News()
    child = child_of(program, tmp_path, news)
    running = asyncio.create_task(child.run())
    await until_async(lambda: news.exits)
    grandchild = int(news.lines[0])
    await child.stop()
    await running
    assert news.exits[0][0] == -9
    gone = not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE
    assert gone


async def test_a_line_longer_than_the_buffer_does_not_end_the_reading(tmp_path: Path) -> None:
    news = News()
    child = child_of("print('x' * 3_000_000)\nprint('after')\nimport time; time.sleep(60)", tmp_path, news)
    running = asyncio.create_task(child.run())
    await until_async(lambda: "after" in news.lines)
    await child.stop()
    await running


async def test_a_log_that_cannot_be_written_is_told_once_and_blocks_nobody(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where a folder should be", encoding="utf-8")
    news = News()
    child = child_of("for n in range(1000): print('line', n)\nimport time; time.sleep(60)", tmp_path, news)
    running = asyncio.create_task(child.run())
    await until_async(lambda: "line 999" in news.lines)
    await child.stop()
    await running
    assert len(news.troubles) == 1
    assert "cannot be written" in news.troubles[0]


async def test_the_lifeline_ends_a_child_whose_supervisor_is_gone(tmp_path: Path) -> None:
    program = (
        "from app.supervisor.lifeline import hold_to_supervisor\nhold_to_supervisor()\nimport time\nprint('up', flush=True)\ntime.sleep(60)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    assert process.stdin
    assert await process.stdout.readline() == b"up\n"
    process.stdin.close()
    async with asyncio.timeout(10):
        assert await process.wait() == -15


async def test_every_start_is_told_its_name_and_those_of_the_starts_that_ended(tmp_path: Path) -> None:
    news = News()
    command = [sys.executable, "-u", "-c", "import sys; print(*sys.argv[1:]); raise SystemExit(1)"]
    child = Child(ChildSpec("probe", command, tmp_path, dict(os.environ), tmp_path / "probe.log", tells_lives=True), news.listener())
    running = asyncio.create_task(child.run())
    await until_async(lambda: len(news.exits) >= 3)
    await child.stop()
    await running
    first, second, third = (line.split() for line in news.lines[:3])
    assert (first[0], first[2:]) == ("--life", [])
    assert second[2:] == ["--after", first[1]]
    assert third[2:] == ["--after", first[1], "--after", second[1]]
