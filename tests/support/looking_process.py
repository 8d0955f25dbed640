"""Looks for due moments and undelivered events as a worker does, together with other such processes. Run as a module."""

import sys
from pathlib import Path

from app.jobs.triggers import TriggerWatch
from app.wiring import get_wiring
from tests.support.waiting import until

LOOKS = 5

if __name__ == "__main__":
    ready, go = (Path(argument) for argument in sys.argv[1:3])
    watch = TriggerWatch(get_wiring())
    ready.touch()
    until(go.exists, timeout_s=300, what="the common start")
    for _ in range(LOOKS):
        watch.look()
