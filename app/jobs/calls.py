"""The way of every model call of a run: it reserves budget before and gives back what it did not need; what was used is settled with
the step's commit."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from app.core.ports import ModelCard, ModelCatalogue
from app.jobs.writer import Writer
from app.services.budgets.question import note_of
from app.services.budgets.reserving import Refusal, Wish
from app.services.runs.claim import Claimed
from engine.errors import Held
from engine.json import JsonObject
from engine.ports import NO_USAGE, EstimatesUsage, LanguageModel, ModelReply, ModelRequest, Usage
from engine.spec.workflow import RunLimits
from models.base import utc_now
from models.ids import new_id

Govern = Callable[[LanguageModel], LanguageModel]
CHARS_PER_TOKEN = 3  # fewer than any tokenizer needs for prose, so that an estimate errs on the safe side
TOKENS_PER_MESSAGE = 8
LONGEST_ANSWER = 4096  # tokens, where a step sets no length
MARGIN_S = 60.0  # a reservation outlives its call by so much before it is reaped
PATIENCE_S = 5.0  # how long a call waits in place for budget that others have reserved
PATIENCE = timedelta(seconds=PATIENCE_S)
PAUSE_S = 0.25
MOST_CHEAPER = 8


@dataclass(frozen=True, slots=True)
class GovernedModels:
    """The language models of one run."""

    inner: LanguageModel
    claimed: Claimed
    limits: RunLimits
    writer: Writer
    catalogue: ModelCatalogue

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """Ask once the budgets allow it; raises Held where they do not."""
        hold_id = await self._reserve(request)
        try:
            reply = await self.inner.complete(request, on_text=on_text)
        except BaseException:
            if hold_id is not None:
                self.writer.release(hold_id)
            raise
        return reply if hold_id is None else replace(reply, hold=str(hold_id))

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """What the model itself says."""
        return self.inner.estimate_usage(request, said) if isinstance(self.inner, EstimatesUsage) else NO_USAGE

    async def _reserve(self, request: ModelRequest) -> uuid.UUID | None:
        """What names the reservation; None where no budget is concerned."""
        wish = self._wish(request)
        waited_s = 0.0
        while isinstance(answer := await self.writer.reserve(wish), Refusal):
            if not answer.is_crowded or waited_s >= PATIENCE_S:
                raise self._held(answer, request)
            await asyncio.sleep(PAUSE_S)
            waited_s += PAUSE_S
        return wish.hold_id if answer else None

    def _wish(self, request: ModelRequest) -> Wish:
        card = self.catalogue.card(request.model)
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
            soon = utc_now() + PATIENCE
            return Held("reserved", "Other model calls have reserved what is left of the budget.", until=soon, request=facts)
        if facts["cap"] == "money":
            facts["cheaper"] = self._cheaper(request, room=facts["limit"] - facts["used"])
        return Held("budget", note_of(facts), until=refusal.until, request=facts)

    def _cheaper(self, request: ModelRequest, *, room: int) -> list[str]:
        """Models that can be used now and whose call would fit, the ones of the same provider first, the best-priced last."""
        read, written = estimate(request)
        mine = self.catalogue.card(request.model)
        fitting = [
            card
            for card in self.catalogue.cards()
            if card.is_available and card.id != request.model and _can_do(card, request) and price(card, read, written) <= room
        ]
        fitting.sort(key=lambda card: (card.is_demo, mine is None or card.provider != mine.provider, -price(card, read, written)))
        return [card.id for card in fitting[:MOST_CHEAPER]]


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
