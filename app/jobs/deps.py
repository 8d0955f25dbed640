"""What runs reach the world through, built once per worker process: models, guarded HTTP, sandboxed code, tools."""

import random
from dataclasses import dataclass

from app.adapters.code_monty import MontyCodeRunner
from app.adapters.http_credentials import CredentialHttp
from app.adapters.http_guarded import GuardedHttpClient
from app.adapters.llm_demo.model import DemoLanguageModel
from app.adapters.llm_router import ClosingModel, LateModel, ModelRouter, OwnKeyModels
from app.core.config import Settings
from app.core.ports import ModelCatalogue
from app.jobs.calls import Govern
from app.jobs.credentials import Keyless, RunCredentials
from app.jobs.faults import Faults
from app.services.runs.claim import Claimed
from app.wiring import Wiring
from engine.ports import HttpClient, LiveSink
from engine.run.deps import Deps
from engine.tools.registry import BuiltinTools


@dataclass(frozen=True, slots=True)
class EnginePorts:
    """What the engine reaches the world through; built on the event loop that will use it."""

    models: ModelRouter
    http: GuardedHttpClient
    code: MontyCodeRunner
    providers: LateModel

    async def aclose(self) -> None:
        """Close connections and sandbox processes."""
        await self.http.aclose()
        await self.code.aclose()
        await self.providers.aclose()


def build_engine_ports(settings: Settings, catalogue: ModelCatalogue) -> EnginePorts:
    """Assemble the real adapters. Provider models load when one is configured, beside whatever runs first."""
    providers = LateModel(lambda: _load_providers(settings, catalogue))
    if any(card.is_available and not card.is_demo for card in catalogue.cards()) or settings.openai_compatible_url:
        providers.begin()
    demo = DemoLanguageModel(tokens_per_s=settings.demo_tokens_per_s, longest_unwatched_s=settings.demo_pause_s)
    return EnginePorts(
        models=ModelRouter(demo, providers, catalogue),
        http=GuardedHttpClient(allow_private_network=settings.allow_private_network, extra_ports=settings.http_extra_ports),
        code=MontyCodeRunner(),
        providers=providers,
    )


def _load_providers(settings: Settings, catalogue: ModelCatalogue) -> ClosingModel:
    from app.adapters.llm_litellm import LitellmModel  # noqa: PLC0415 - seconds and 180 MB, which keyless installations never pay

    return LitellmModel(settings, catalogue)


class ProcessDeps:
    """Shared by all runs of the process; `make` is called on the event loop that owns the clients."""

    def __init__(self, wiring: Wiring, faults: Faults) -> None:
        self._wiring = wiring
        self._ports = build_engine_ports(wiring.settings, wiring.ports.catalogue)
        self._guarded = faults.around(self._ports.http)
        self._clock = wiring.ports.clock
        self._keyless = Keyless()
        self._rng = random.Random()  # noqa: S311 - spreads retries, no secret

    @property
    def http(self) -> HttpClient:
        """The guarded client."""
        return self._guarded

    def __call__(self, claimed: Claimed, live: LiveSink, govern: Govern) -> Deps:
        """The ports of one run: with the credentials of its workspace."""
        credentials = RunCredentials(self._wiring, workspace_id=claimed.workspace_id, run_id=claimed.run_id, keyless=self._keyless)
        http = CredentialHttp(self._guarded, credentials)
        return Deps(
            run_id=str(claimed.run_id),
            models=govern(OwnKeyModels(self._ports.models, credentials)),
            http=http,
            code=self._ports.code,
            tools=BuiltinTools(http, self._clock),
            clock=self._clock,
            live=live,
            rng=self._rng,
            can_ask=True,
        )

    async def aclose(self) -> None:
        """Close connections and sandbox processes."""
        await self._ports.aclose()


def open_deps(wiring: Wiring, faults: Faults) -> ProcessDeps:
    """Build them on the running event loop."""
    return ProcessDeps(wiring, faults)
