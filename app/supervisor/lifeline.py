"""Ends a child when its supervisor is gone, even by SIGKILL: the supervisor holds the other end of the child's stdin."""

import os
import signal
import sys
import threading


def hold_to_supervisor() -> None:
    """Watch stdin in a thread; at its end, ask this process to shut down as if by SIGTERM."""
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), name="lifeline", daemon=True).start()


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
