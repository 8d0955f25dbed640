"""What the supervisor shows of its children, and what it keeps to their logs."""

import asyncio
import io
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from app.supervisor.child import ChildSpec
from app.supervisor.console import Console
from app.supervisor.supervisor import Supervisor

CHILD = """
import json, signal, sys, time
def tell(word):
    print(json.dumps({"level": "warning", "event": word}), flush=True)
def stop(*_):
    tell("about stopping")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
tell("about working")
while True:
    time.sleep(60)
"""


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await writer.drain()
    writer.close()


class Screen(io.StringIO):
    """Somebody presses Ctrl-C when the child is seen to work."""

    def write(self, text: str) -> int:
        """Show."""
        if "about working" in text:
            os.kill(os.getpid(), signal.SIGINT)
        return super().write(text)


async def _up(spec: ChildSpec, console: Console) -> int:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    async with server, asyncio.timeout(60):
        supervisor = Supervisor([spec], address=server.sockets[0].getsockname(), valkey=None, console=console)
        return await supervisor.run(on_ready=lambda: None)


@pytest.mark.parametrize("verbose", [False, True])
def test_what_a_child_tells_of_its_stopping_stands_in_its_log(tmp_path: Path, verbose: bool) -> None:
    log, screen = tmp_path / "web.log", Screen()
    spec = ChildSpec(name="web", command=[sys.executable, "-c", CHILD], cwd=tmp_path, environment=dict(os.environ), log_path=log)
    assert asyncio.run(_up(spec, Console(screen, verbose=verbose))) == 0
    assert ("about stopping" in screen.getvalue()) is verbose
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()] == ["about working", "about stopping"]
