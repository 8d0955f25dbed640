"""A real worker process for tests: the product's own, with a scripted language model and loopback allowed. Run as a module.

With AF_TEST_CLOCK_S its Python goes wrong by so many seconds; the database keeps its own time.
"""

import os
from datetime import UTC, datetime, timedelta

import time_machine

from app.adapters.code_monty import MontyCodeRunner
from app.adapters.http_guarded import GuardedHttpClient
from app.core.config import get_settings
from app.core.logs import configure_logs
from app.jobs.calls import Govern
from app.jobs.faults import Faults
from app.jobs.room import run_worker
from app.services.runs.claim import Claimed
from app.wiring import Wiring, get_wiring
from engine.ports import HttpClient, LiveSink, ModelReply, ModelRequest, Usage
from engine.run.deps import Deps
from engine.tools.registry import BuiltinTools
from tests.support.twice import delivering

CLOCK = "AF_TEST_CLOCK_S"


class EchoModel:
    """Answers with the last message, in two pieces, and reports usage."""

    async def complete(self, request: ModelRequest, *, on_text: object = None) -> ModelReply:
        """Echo."""
        text = f"You said: {request.messages[-1].content}"
        if callable(on_text):
            on_text(text[:4])
            on_text(text[4:])
        return ModelReply(text=text, usage=Usage(7, 3, 11, 1), model=request.model)


class TestDeps:
    """Everything real but the model; private addresses are allowed, as the servers of tests listen on loopback."""

    __test__ = False

    def __init__(self, wiring: Wiring, faults: Faults) -> None:
        self._client = GuardedHttpClient(allow_private_network=True, permits=lambda _address: True)
        self._http = faults.around(self._client)
        self._code = MontyCodeRunner()
        self._clock = wiring.ports.clock

    @property
    def http(self) -> HttpClient:
        """The client with faults around it."""
        return self._http

    def __call__(self, claimed: Claimed, live: LiveSink, govern: Govern) -> Deps:
        """The ports of one run."""
        return Deps(
            run_id=str(claimed.run_id),
            models=govern(EchoModel()),
            http=self._http,
            code=self._code,
            tools=BuiltinTools(self._http, self._clock),
            clock=self._clock,
            live=live,
            park_after_s=0.3,
            can_ask=True,
        )

    async def aclose(self) -> None:
        """Close."""
        await self._client.aclose()
        await self._code.aclose()


if __name__ == "__main__":
    if wrong_by := float(os.environ.get(CLOCK, "0")):
        time_machine.travel(datetime.now(UTC) + timedelta(seconds=wrong_by), tick=True).start()
    configure_logs(get_settings())
    run_worker(delivering(get_wiring()), open_deps=TestDeps)
