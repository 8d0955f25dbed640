"""Waits for a condition with a deadline, so that no test sleeps for a fixed time."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], *, timeout_s: float = 60.0, what: str = "the condition") -> T:
    """Return the first truthy value of `condition`; fail with `what` after the deadline."""
    deadline = time.monotonic() + timeout_s
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout_s:g} s")
        time.sleep(0.02)


async def until_async(condition: Callable[[], T], *, timeout_s: float = 60.0, what: str = "the condition") -> T:
    """The same inside an event loop."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout_s:g} s")
        await asyncio.sleep(0.01)
    return value
