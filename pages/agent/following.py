"""An answer that is being written, put together from the live feed; the chat state shows it and pushes it at a steady pace."""

import asyncio
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.core.ports import LiveUpdate
from app.services.conversations import to_tool_call
from app.views.conversations import ToolCallView
from app.wiring import get_wiring

PACE_S = 0.04  # between two pushes to the browser; the first words go out at once
LOOK_S = 2.0  # how often the end, and the right to see it, are read from SQL without any hint


@dataclass(slots=True)
class LiveAnswer:
    """Text so far and tool calls so far. `has_news` means that the journal has moved on."""

    cursor: str = "0"
    text: str = ""
    kept: str = ""  # what earlier model calls of this turn said
    tools: list[ToolCallView] = field(default_factory=list[ToolCallView])
    has_news: bool = False
    _looked_at: float = field(default_factory=time.monotonic)

    def apply(self, updates: Iterable[LiveUpdate]) -> None:
        """Add updates in order; a reset takes back the words of the model call that is tried again."""
        for update in updates:
            self.cursor = update.cursor
            payload = update.payload
            if update.kind == "text":
                self.text += str(payload.get("delta", ""))
            elif update.kind == "reset":
                self.text = ""
            elif update.kind == "tool_call":
                self._begin_tool(payload)
            elif update.kind == "tool_result":
                self._end_tool(payload)
            else:
                self.has_news = True

    def _begin_tool(self, payload: dict[str, object]) -> None:
        if self.text.strip():
            self.kept, self.text = f"{self.whole}\n\n", ""
        self.tools.append(to_tool_call({**payload, "status": "running"}))

    def _end_tool(self, payload: dict[str, object]) -> None:
        ended = to_tool_call(payload)
        known = any(tool.id == ended.id for tool in self.tools)
        self.tools = [ended if tool.id == ended.id else tool for tool in self.tools] if known else [*self.tools, ended]

    def must_look(self) -> bool:
        """Whether SQL should be read now: after a hint of the journal, and every few seconds anyway."""
        now = time.monotonic()
        if not self.has_news and now - self._looked_at < LOOK_S:
            return False
        self.has_news, self._looked_at = False, now
        return True

    @property
    def patience_s(self) -> float:
        """How long the feed may be waited for before SQL is due."""
        return max(0.0, self._looked_at + LOOK_S - time.monotonic())

    @property
    def whole(self) -> str:
        """Everything said so far."""
        return self.kept + self.text

    def shown(self) -> dict[str, Any]:
        """What the browser shows of it, by the name of the state's var."""
        settled, tail = self.parts()
        return {"settled": settled, "tail": tail, "tools": list(self.tools)}

    def parts(self) -> tuple[str, str]:
        """The text in two: finished paragraphs, which the browser need not read again, and the one being written."""
        whole = self.whole
        cut = whole.rfind("\n\n")
        while cut > 0 and whole.count("```", 0, cut) % 2:
            cut = whole.rfind("\n\n", 0, cut)
        return (whole[:cut], whole[cut:]) if cut > 0 else ("", whole)


async def next_updates(run_id: str, live: LiveAnswer) -> list[LiveUpdate]:
    """Wait for what comes next in the feed; [] once it is time to look into SQL."""
    began, patience_s = time.monotonic(), live.patience_s
    updates = await get_wiring().ports.live.read(uuid.UUID(run_id), cursor=live.cursor, wait_s=patience_s)
    if not updates and time.monotonic() - began < patience_s / 2:
        await asyncio.sleep(LOOK_S / 4)  # the feed does not answer; SQL is asked instead
    return updates
