"""Named crash points for tests: with AF_FAULT=point or point:n (only under AF_ENV=test) the process kills itself there."""

import os
import signal

from engine.ports import HttpClient, HttpRequest, HttpResponse

AFTER_CLAIM = "after_claim"
BEFORE_CALL = "before_call"
AFTER_CALL = "after_call_before_commit"
AFTER_COMMIT = "after_commit"
POINTS = (AFTER_CLAIM, BEFORE_CALL, AFTER_CALL, AFTER_COMMIT)


class Faults:
    """Counts how often each point is reached and dies, without any clean-up, at the armed one."""

    def __init__(self, armed: str = "") -> None:
        self._point, _, times = armed.partition(":")
        if self._point and self._point not in POINTS:
            raise ValueError(f"AF_FAULT must be one of {', '.join(POINTS)}, optionally followed by :n, not {armed!r}")
        self._left = int(times or 1)

    def reach(self, point: str) -> None:
        """Die here if it is the armed point's turn."""
        if point != self._point:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, http: HttpClient) -> HttpClient:
        """The client with a crash point before and after each call."""
        return _CrashingHttp(http, self) if self._point else http


class _CrashingHttp:
    def __init__(self, inner: HttpClient, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Call through."""
        self._faults.reach(BEFORE_CALL)
        response = await self._inner.send(request)
        self._faults.reach(AFTER_CALL)
        return response
