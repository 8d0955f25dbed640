"""The way of every model call of a run: past the model's circuit breaker, the provider's rate limits and the budgets, and back.

What it waits for is told as Held; what it used is settled with the step's commit.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from app.adapters.breaker import Breakers
from app.adapters.call_rates import CallRates, Rates, Ticket, Wait
from app.core.ports import ModelCard, ModelCatalogue
from app.jobs.writer import Writer
from app.services.budgets.policies import rates_of
from app.services.budgets.question import note_of
from app.services.budgets.reserving import Refusal, Wish
from app.services.runs.claim import Claimed
from app.wiring import Wiring
from engine.errors import Held, Transient
from engine.json import JsonObject
from engine.ports import NO_USAGE, EstimatesUsage, LanguageModel, ModelReply, ModelRequest, Usage
from engine.spec.workflow import RunLimits
from models.base import utc_now
from models.ids import new_id

Govern = Callable[[LanguageModel], LanguageModel]
OnText = Callable[[str], None]
CHARS_PER_TOKEN = 3  # fewer than any tokenizer needs for prose, so that an estimate errs on the safe side
TOKENS_PER_MESSAGE = 8
LONGEST_ANSWER = 4096  # tokens, where a step sets no length
MARGIN_S = 60.0  # a reservation outlives its call by so much before it is reaped
PATIENCE_S = 5.0  # how long a call waits in place before its step gives up its place
PAUSE_S = 0.25
MOST_CHEAPER = 8
POLICY_TTL_S = 2.0
OUTAGES = frozenset({"model_overloaded", "model_unreachable", "model_timeout", "model_interrupted"})
_LIMIT_WORDS = {"requests": "requests a minute", "tokens": "tokens a minute", "calls": "calls at once"}


@dataclass(slots=True)
class Governor:
    """What the calls of all runs of a process share."""

    writer: Writer
    catalogue: ModelCatalogue
    breakers: Breakers
    rates: CallRates
    database: Engine
    _policies: dict[uuid.UUID, tuple[float, Mapping[str, Rates]]] = field(
        default_factory=dict[uuid.UUID, tuple[float, Mapping[str, Rates]]]
    )

    def of(self, claimed: Claimed, limits: RunLimits) -> Govern:
        """The way of the calls of one run."""
        return lambda models: GovernedModels(models, claimed, limits, self)

    async def rates_for(self, workspace_id: uuid.UUID, provider: str) -> Rates:
        """What the workspace allows its runs, as it was a moment ago."""
        known = self._policies.get(workspace_id)
        if known is None or known[0] < time.monotonic():
            known = (time.monotonic() + POLICY_TTL_S, await asyncio.to_thread(self._read, workspace_id))
            self._policies[workspace_id] = known
        return known[1].get(provider, Rates())

    def _read(self, workspace_id: uuid.UUID) -> Mapping[str, Rates]:
        with self.database.connect().execution_options(af_write=False) as connection:
            return _as_rates(connection, workspace_id)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.breakers.aclose()
        await self.rates.aclose()


def open_governor(wiring: Wiring, writer: Writer) -> Governor:
    """Build it on the running event loop."""
    settings = wiring.settings
    everybody = {provider: Rates(*limits) for provider, limits in settings.provider_limits.items()}
    rates = CallRates(settings.redis_url, everybody=everybody)
    return Governor(writer, wiring.ports.catalogue, Breakers(settings.redis_url), rates, wiring.database)


def _as_rates(connection: sa.Connection, workspace_id: uuid.UUID) -> Mapping[str, Rates]:
    return {provider: Rates(**limits) for provider, limits in rates_of(connection, workspace_id).items()}


@dataclass(frozen=True, slots=True)
class GovernedModels:
    """The language models of one run."""

    inner: LanguageModel
    claimed: Claimed
    limits: RunLimits
    shared: Governor

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> ModelReply:
        """Ask once nothing stands in the way; raises Held where something does for longer than a moment."""
        card = self.shared.catalogue.card(request.model)
        if card is None or card.is_demo:
            return await self._at_its_rate(request, card, on_text)
        breakers, key = self.shared.breakers, f"{self.claimed.workspace_id}:{request.model}"
        verdict = await breakers.enter(key, lasts_s=request.timeout_s + MARGIN_S)
        if not verdict.may:
            raise _shut(verdict.cause, card, verdict.until)
        try:
            reply = await self._at_its_rate(request, card, on_text)
        except Transient as error:
            if error.code in OUTAGES:
                await breakers.failed(key)
            elif error.code == "model_rate_limited" and error.delay_s:
                await breakers.paused(key, error.delay_s)
            raise
        except BaseException:
            if verdict.is_probe:
                await breakers.gave_up(key)
            raise
        if verdict.is_known:
            await breakers.succeeded(key)
        return reply

    async def _at_its_rate(self, request: ModelRequest, card: ModelCard | None, on_text: OnText | None) -> ModelReply:
        provider = card.provider if card else ""
        own = await self.shared.rates_for(self.claimed.workspace_id, provider)
        if not self.shared.rates.concerns(provider, own):
            return await self._within_budget(request, card, on_text)
        ticket = await self._ticket(request, provider, own)
        used: int | None = 0
        try:
            reply = await self._within_budget(request, card, on_text)
            used = reply.usage.input_tokens + reply.usage.output_tokens
            return reply
        finally:
            await self.shared.rates.leave(ticket, tokens=used)

    async def _ticket(self, request: ModelRequest, provider: str, own: Rates) -> Ticket:
        waited_until = time.monotonic() + PATIENCE_S
        call, tokens, workspace = str(new_id()), sum(estimate(request)), str(self.claimed.workspace_id)
        while True:
            lasts_s = request.timeout_s + MARGIN_S
            answer = await self.shared.rates.enter(workspace, provider, own, call=call, tokens=tokens, lasts_s=lasts_s)
            if isinstance(answer, Ticket):
                return answer
            left = waited_until - time.monotonic()
            if left <= 0 or answer.until - time.time() > left:
                raise _slowed(answer, provider)
            await asyncio.sleep(max(PAUSE_S, min(answer.until - time.time(), left)))

    async def _within_budget(self, request: ModelRequest, card: ModelCard | None, on_text: OnText | None) -> ModelReply:
        hold_id = await self._reserve(request, card)
        try:
            reply = await self._patiently(request, on_text)
        except BaseException:
            if hold_id is not None:
                self.shared.writer.release(hold_id)
            raise
        return reply if hold_id is None else replace(reply, hold=str(hold_id))

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """What the model itself says."""
        return self.inner.estimate_usage(request, said) if isinstance(self.inner, EstimatesUsage) else NO_USAGE

    async def _patiently(self, request: ModelRequest, on_text: OnText | None) -> ModelReply:
        """A provider that asks for a short pause gets it, before another model is asked."""
        try:
            return await self.inner.complete(request, on_text=on_text)
        except Transient as error:
            if error.code != "model_rate_limited" or not error.delay_s or error.delay_s > PATIENCE_S:
                raise
            await asyncio.sleep(error.delay_s)
        return await self.inner.complete(request, on_text=on_text)

    async def _reserve(self, request: ModelRequest, card: ModelCard | None) -> uuid.UUID | None:
        """What names the reservation; None where no budget is concerned."""
        wish = self._wish(request, card)
        waited_s = 0.0
        while isinstance(answer := await self.shared.writer.reserve(wish), Refusal):
            if not answer.is_crowded or waited_s >= PATIENCE_S:
                raise self._held(answer, request)
            await asyncio.sleep(PAUSE_S)
            waited_s += PAUSE_S
        return wish.hold_id if answer else None

    def _wish(self, request: ModelRequest, card: ModelCard | None) -> Wish:
        read, written = estimate(request)
        return Wish(
            hold_id=new_id(),
            workspace_id=self.claimed.workspace_id,
            run_id=self.claimed.run_id,
            agent=request.agent,
            micros=price(card, read, written),
            tokens=read + written,
            lasts_s=request.timeout_s + MARGIN_S,
            cap_micros=self.limits.max_cost_micros,
            cap_tokens=self.limits.max_tokens,
            has_parent=self.claimed.parent_run_id is not None,
        )

    def _held(self, refusal: Refusal, request: ModelRequest) -> Held:
        facts: JsonObject = {**refusal.facts, "model": request.model}
        if refusal.is_crowded:
            soon = utc_now() + timedelta(seconds=PATIENCE_S)
            return Held("reserved", "Other model calls have reserved what is left of the budget.", until=soon, request=facts)
        if facts["cap"] == "money":
            facts["cheaper"] = self._cheaper(request, room=facts["limit"] - facts["used"])
        return Held("budget", note_of(facts), until=refusal.until, request=facts)

    def _cheaper(self, request: ModelRequest, *, room: int) -> list[str]:
        """Models that can be used now and whose call would fit: those of the same provider first, demo models last."""
        read, written = estimate(request)
        mine = self.shared.catalogue.card(request.model)
        fitting = [
            card
            for card in self.shared.catalogue.cards()
            if card.is_available and card.id != request.model and _can_do(card, request) and price(card, read, written) <= room
        ]
        fitting.sort(key=lambda card: (card.is_demo, mine is None or card.provider != mine.provider, -price(card, read, written)))
        return [card.id for card in fitting[:MOST_CHEAPER]]


def _shut(cause: str, card: ModelCard, until: float) -> Held:
    """A model that does not answer, or whose provider asked for a pause; another one may stand in meanwhile."""
    moment = datetime.fromtimestamp(until, UTC)
    if cause == "rate_limit":
        return Held("rate_limit", f"{card.label} asked for a pause: it gets too many requests.", until=moment, is_of_model=True)
    return Held("breaker", f"{card.label} has failed several times and is left alone for a while.", until=moment, is_of_model=True)


def _slowed(wait: Wait, provider: str) -> Held:
    note = f"The limit of {_LIMIT_WORDS.get(wait.kind, wait.kind)} for {provider} is reached."
    return Held("rate_limit", note, until=datetime.fromtimestamp(wait.until, UTC))


def _can_do(card: ModelCard, request: ModelRequest) -> bool:
    return card.id != "demo/flaky" and (card.supports_tools or not request.tools)


def estimate(request: ModelRequest) -> tuple[int, int]:
    """Tokens that the call may read and write at most."""
    chars = sum(len(message.content) + sum(len(call.arguments) for call in message.tool_calls) for message in request.messages)
    chars += sum(len(tool.name) + len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
    chars += len(str(request.response_schema)) if request.response_schema else 0
    return -(-chars // CHARS_PER_TOKEN) + TOKENS_PER_MESSAGE * len(request.messages), request.max_tokens or LONGEST_ANSWER


def price(card: ModelCard | None, read: int, written: int) -> int:
    """Micros at the catalogue's prices, rounded up; 0 where no price is known."""
    return 0 if card is None else -(-(read * card.input_micros_per_1k + written * card.output_micros_per_1k) // 1000)
