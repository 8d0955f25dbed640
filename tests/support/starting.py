"""Starts modules of the product as real processes, forked from an interpreter that has the libraries loaded (tests.support.nursery)."""

import array
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import IO

from tests.support.nursery import LENGTH
from tests.support.source import ROOT


class Started:
    """A process; as subprocess.Popen, as far as tests need it."""

    def __init__(self, report: int) -> None:
        self._report = report
        self._said = b""
        self.returncode: int | None = None
        if not (line := self._line(None)):
            raise RuntimeError("the interpreter that forks the processes of tests has ended; its own words are above")
        self.pid = int(line)

    def poll(self) -> int | None:
        """Its exit status, or None while it runs."""
        return self._end(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises subprocess.TimeoutExpired."""
        if (status := self._end(timeout)) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Signal it, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _end(self, timeout: float | None) -> int | None:
        if self.returncode is None and (line := self._line(timeout)) is not None:
            self.returncode = int(line or b"-9")
            os.close(self._report)
        return self.returncode

    def _line(self, timeout: float | None) -> bytes | None:
        """The next line of the report; empty when there will be none."""
        until = None if timeout is None else time.monotonic() + timeout
        while b"\n" not in self._said:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not select.select([self._report], [], [], left)[0]:
                return None
            piece = os.read(self._report, 64)
            if not piece:
                return b""
            self._said += piece
        line, _, self._said = self._said.partition(b"\n")
        return line


def start(
    module: str,
    *arguments: str,
    environment: Mapping[str, str],
    before: Sequence[str],
    files: tuple[int | IO[bytes], int | IO[bytes], int | IO[bytes]],
) -> Started:
    """Run `python -m module arguments`; `before` names what is loaded ahead, `files` are its input, output and errors."""
    report, reporting = os.pipe()
    wanted = {
        "module": module,
        "arguments": arguments,
        "environment": dict(environment),
        "before": list(before),
        "folder": str(ROOT),
    }
    text = json.dumps(wanted).encode()
    numbers = array.array("i", [*(file if isinstance(file, int) else file.fileno() for file in files), reporting])
    asking = _nursery()
    asking.sendmsg([LENGTH.pack(len(text))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
    asking.sendall(text)
    os.close(reporting)
    return Started(report)


def run(
    module: str, *arguments: str, environment: Mapping[str, str], before: Sequence[str], text: str = "", timeout_s: float = 120.0
) -> "subprocess.CompletedProcess[str]":
    """Run it to its end, as subprocess.run does."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        given.write(text.encode())
        given.seek(0)
        process = start(module, *arguments, environment=environment, before=before, files=(given, output, errors))
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise
        said = []
        for file in (output, errors):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess([module, *arguments], status, *said)


@cache
def _nursery() -> socket.socket:
    mine, its = socket.socketpair()
    command = [sys.executable, "-m", "tests.support.nursery", str(its.fileno())]
    process = subprocess.Popen(command, cwd=ROOT, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL)
    its.close()

    def close() -> None:
        mine.close()
        process.wait()

    atexit.register(close)
    return mine
