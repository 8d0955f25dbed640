"""Starts modules of the product as processes of their own without loading the same libraries again for each.

One interpreter loads them once and forks a child for every start; the child gets its own arguments, environment, folder and
files, and runs the module as `python -m` does. tests.support.starting speaks to it. Run as a module, with the socket's number.
"""

import array
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

LENGTH = struct.Struct("!I")
FILES = 4  # input, output, errors, and where the process id and the exit status are reported


@dataclass(frozen=True, slots=True)
class Job:
    """What a child runs."""

    module: str
    arguments: list[str]


def serve(asking: socket.socket) -> Job | None:
    """Answer until the asker is gone; returns None then, and in each child what it shall run."""
    ended, ending = socket.socketpair()
    for end in (ended, ending):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, _noted)
    signal.set_wakeup_fd(ending.fileno(), warn_on_full_buffer=False)
    reports: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([asking, ended], [], [])
        if ended in ready:
            ended.recv(4096)
            _report_ends(reports)
        if asking not in ready:
            continue
        asked = _receive(asking)
        if asked is None:
            return None
        wanted, files = asked
        if pid := _fork(wanted["before"]):
            for file in files[:-1]:
                os.close(file)
            reports[pid] = files[-1]
            os.write(files[-1], f"{pid}\n".encode())
        else:
            for end in (asking, ended, ending):
                end.close()
            return _become(wanted, files, list(reports.values()))


def _fork(before: list[str]) -> int:
    """Returns the child's id, and 0 in the child."""
    for module in before:
        importlib.import_module(module)
    if threading.active_count() > 1:
        raise RuntimeError(f"one of {before} starts a thread when it is loaded; such a process cannot be forked")
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return pid


def _noted(_number: int, _frame: FrameType | None) -> None:
    """The end of a child wakes the loop."""


def _receive(asking: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    files = array.array("i")
    head, ancillary, _, _ = asking.recvmsg(LENGTH.size, socket.CMSG_LEN(FILES * files.itemsize))
    if len(head) < LENGTH.size:
        return None
    for _level, _kind, content in ancillary:
        files.frombytes(content)
    (left,) = LENGTH.unpack(head)
    text = b""
    while left > len(text):
        text += asking.recv(left - len(text))
    return json.loads(text), list(files)


def _report_ends(reports: dict[int, int]) -> None:
    while reports:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        file = reports.pop(pid)
        with suppress(BrokenPipeError):  # nobody waits for it any more
            os.write(file, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os.close(file)


def _become(wanted: dict[str, Any], files: list[int], others: list[int]) -> Job:
    for number, file in enumerate(files[:-1]):
        os.dup2(file, number)
    for file in (*files, *others):
        os.close(file)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    return Job(wanted["module"], wanted["arguments"])


if __name__ == "__main__":
    if job := serve(socket.socket(fileno=int(sys.argv[1]))):
        sys.argv[1:] = job.arguments
        runpy.run_module(job.module, run_name="__main__", alter_sys=True)
