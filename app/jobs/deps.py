"""What runs reach the world through, built once per worker process: models, guarded HTTP, sandboxed code, tools."""

import random

from app.adapters.code_monty import MontyCodeRunner
from app.adapters.http_guarded import GuardedHttpClient
from app.adapters.llm_demo.model import DemoLanguageModel
from app.adapters.llm_router import ModelRouter
from app.jobs.faults import Faults
from app.services.runs.claim import Claimed
from app.wiring import Wiring
from engine.errors import Permanent
from engine.ports import LiveSink
from engine.run.deps import Deps
from engine.tools.registry import BuiltinTools


def preload() -> None:
    """Import what is slow to import before the first run needs it."""


class NoCredentials:
    """Workspaces keep no credentials yet, so every name is unknown."""

    async def reveal(self, name: str) -> dict[str, str]:
        """Refuse."""
        raise Permanent("credential_missing", f"There is no credential named '{name[:60]}' in this workspace.", field="credential")


class ProcessDeps:
    """Shared by all runs of the process; `make` is called on the event loop that owns the clients."""

    def __init__(self, wiring: Wiring, faults: Faults) -> None:
        settings = wiring.settings
        self._http = GuardedHttpClient(allow_private_network=settings.allow_private_network, extra_ports=settings.http_extra_ports)
        self._guarded = faults.around(self._http)
        self._code = MontyCodeRunner()
        self._models = ModelRouter(DemoLanguageModel(), None)
        self._clock = wiring.ports.clock
        self._rng = random.Random()  # noqa: S311 - spreads retries, no secret

    def __call__(self, claimed: Claimed, live: LiveSink) -> Deps:
        """The ports of one run."""
        return Deps(
            run_id=str(claimed.run_id),
            models=self._models,
            http=self._guarded,
            code=self._code,
            secrets=NoCredentials(),
            tools=BuiltinTools(self._guarded, self._clock),
            clock=self._clock,
            live=live,
            rng=self._rng,
        )

    async def aclose(self) -> None:
        """Close connections and sandbox processes."""
        await self._http.aclose()
        await self._code.aclose()


def open_deps(wiring: Wiring, faults: Faults) -> ProcessDeps:
    """Build them on the running event loop."""
    return ProcessDeps(wiring, faults)
