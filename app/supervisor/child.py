"""One supervised child process: its own process group, its output to a log file, restarted with back-off when it dies."""

import asyncio
import os
import signal
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.supervisor.logfile import LogFile

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STEADY_AFTER_S = 60.0  # a child that lived this long has recovered; its next crash starts at the first delay again
LONGEST_LINE = 1 << 20
DRAIN_S = 2.0
MOST_LIVES = 50


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run. The child's stdin is a pipe that closes when the supervisor dies, however it dies.

    With `tells_lives` every start is told a name of its own (`--life`) and those of the starts before it that ended (`--after`), so that
    it may take over at once what they left.
    """

    name: str
    command: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    log_path: Path
    grace_s: float = 25.0
    tells_lives: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """Where a child's news go: each line of output, each unexpected exit with the pause before the restart."""

    line: Callable[[str, str], None]
    exited: Callable[[str, int, float], None]
    trouble: Callable[[str], None]


class Child:
    """Runs a spec until told to stop."""

    def __init__(self, spec: ChildSpec, listener: Listener) -> None:
        self.spec = spec
        self.crashes = 0
        self._listener = listener
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._lives: deque[str] = deque(maxlen=MOST_LIVES)

    @property
    def pid(self) -> int | None:
        """The id of the running process, which is also its group's."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self) -> None:
        """Keep the process alive; returns once `stop` was called and nothing of its group is left."""
        delay = FIRST_DELAY_S
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            self.crashes += 1
            delay = FIRST_DELAY_S if time.monotonic() - started > STEADY_AFTER_S else delay
            self._listener.exited(self.spec.name, code, delay)
            await _at_most(self._stopping.wait(), delay)
            delay = min(delay * 2, LONGEST_DELAY_S)

    async def stop(self, *, force: bool = False) -> None:
        """Ask the process to finish and wait for its grace period; `force` and overtime kill the whole group."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        if not force:
            process.send_signal(signal.SIGTERM)
            await _at_most(process.wait(), self.spec.grace_s)
        kill_group(process.pid)

    async def _run_once(self) -> int:
        # Own pipes instead of asyncio's: its wait() would last until every grandchild that inherited them is gone.
        lifeline, hold = os.pipe()
        output, sink = os.pipe()
        spec = self.spec
        try:
            process = await asyncio.create_subprocess_exec(
                *spec.command,
                *(self._begin_life() if spec.tells_lives else ()),
                cwd=spec.cwd,
                env=dict(spec.environment),
                stdin=lifeline,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        finally:
            os.close(lifeline)
            os.close(sink)
        self._process = process
        reading = asyncio.create_task(self._read(output))
        code = await process.wait()
        kill_group(process.pid)  # grandchildren of a crashed child would keep its port and its jobs
        os.close(hold)
        await _at_most(reading, DRAIN_S)
        return code

    def _begin_life(self) -> list[str]:
        before = [word for life in self._lives for word in ("--after", life)]
        self._lives.append(uuid.uuid4().hex)
        return ["--life", self._lives[-1], *before]

    async def _read(self, output: int) -> None:
        stream = asyncio.StreamReader(limit=LONGEST_LINE)
        pipe, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(output, "rb"))
        log = LogFile(self.spec.log_path, tell=self._listener.trouble)
        try:
            while line := await _next_line(stream):
                log.write(line)
                self._listener.line(self.spec.name, line.decode(errors="replace").rstrip())
        finally:
            log.close()
            pipe.close()


def kill_group(group: int) -> None:
    """Kill every process of a group that may already be empty."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        return


async def _next_line(stream: asyncio.StreamReader) -> bytes:
    """Like readline, but a line longer than the limit comes in pieces instead of ending the reader."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as overrun:
        return await stream.read(overrun.consumed)


async def _at_most(waiting: Awaitable[object], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        return
