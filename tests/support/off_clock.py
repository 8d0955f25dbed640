"""A whole installation whose clock is off: each of its Python processes begins at another time, and its time goes on from there."""

from pathlib import Path

_START = """import os
from datetime import UTC, datetime, timedelta

import time_machine

time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(os.environ["AF_TEST_CLOCK_S"])), tick=True).start()
"""


def clock_off_by(folder: Path, *, days: int) -> dict[str, str]:
    """The environment for tests.support.site.Site; `folder` is made and stays while the site runs. The databases keep their own time."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_START, encoding="utf-8")
    return {"PYTHONPATH": str(folder), "AF_TEST_CLOCK_S": str(days * 86_400)}
