"""What a run on the command line shows while it goes on: one line per step, from its journal events."""

import json
import sys
from collections.abc import Mapping
from typing import TextIO

from app.cli.terminal import say_marked
from app.core.printing import clean, one_line
from engine.json import JsonObject, JsonValue
from engine.nodes.registry import step_name
from engine.run.events import EventType
from engine.spec.workflow import WorkflowSpec

_WIDTH = 72
_ONE_LINE = str.maketrans("\r\n\t", "   ")
_SIGNS = {"done": ("✓", "green"), "skipped": ("·", "dim"), "failed": ("✗", "red"), "waiting": ("…", "yellow"), "cancelled": ("✗", "yellow")}


class StepLines:
    """Prints to standard error, so that standard output holds the result alone."""

    def __init__(self, spec: WorkflowSpec, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._labels = {node.id: one_line(step_name(node.id, node.kind, node.label)) for node in spec.nodes}
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._width = min(40, max((len(label) for label in self._labels.values()), default=0))
        self.usage = {"input_tokens": 0, "output_tokens": 0, "cost_micros": 0, "calls": 0}
        self._asking: dict[str, JsonObject] = {}  # buttons, id -> label, of each step that waits for a decision

    def show(self, kind: str, node: str | None, iteration: str, data: JsonObject, *, child: str = "") -> None:
        """One journal event; `child` tells of which run below the shown one."""
        self._follow_question(kind, node or "", data)
        if child:
            node = f"{child.replace('/', ' > ')} > {node}"
        if kind == EventType.NODE_FINISHED:
            self._count(data.get("usage"))
            self._line("done", node, iteration, f"{_seconds(data.get('ms'))}  {_short(data.get('output'))}")
        elif kind == EventType.NODE_SKIPPED:
            self._line("skipped", node, iteration, "skipped")
        elif kind == EventType.NODE_FAILED:
            self._count(data.get("usage"))
            error = data.get("error") or {}
            after = " (tried again)" if data.get("retry_at") else " (goes on)" if data.get("handled") in ("default", "branch") else ""
            self._line("failed", node, iteration, f"{error.get('message', '')}{after}")
        elif kind == EventType.NODE_WAITING and data.get("reason") != "retry":
            request = data.get("request") or {}
            self._line(
                "waiting", node, iteration, str(request.get("title") or request.get("note") or data.get("until") or data.get("reason"))
            )
        elif kind == EventType.NODE_CANCELLED:
            self._line("cancelled", node, iteration, "stopped")

    def how_to_answer(self) -> str:
        """Which buttons can be pressed from here, by the step that asks; "" when none does."""
        if not self._asking:
            return ""
        asked = [f"{self._labels.get(node, node)}: {_choices(node, buttons)}" for node, buttons in self._asking.items()]
        return "\n".join(["Run it again with the button to press:", *(f"  {line}" for line in asked)])

    def _follow_question(self, kind: str, node: str, data: JsonObject) -> None:
        if kind == EventType.NODE_WAITING and data.get("reason") == "approval":
            buttons = (data.get("request") or {}).get("buttons") or ()
            self._asking[node] = {str(button["id"]): str(button.get("label") or "") for button in buttons}
        elif kind in (EventType.NODE_RESUMED, EventType.NODE_CANCELLED):
            self._asking.pop(node, None)

    def _count(self, usage: object) -> None:
        if isinstance(usage, Mapping):
            for key in self.usage:
                self.usage[key] += int(usage.get(key) or 0)

    def _line(self, state: str, node: str | None, iteration: str, text: str) -> None:
        if self._quiet:
            return
        sign, colour = _SIGNS[state]
        label = self._labels.get(node or "", node or "")
        name = one_line(f"{label}{f' [{iteration}]' if iteration else ''}").ljust(self._width)
        say_marked(sign, f"{name}  {text.translate(_ONE_LINE)}", colour=colour, stream=self._stream)


def _choices(node: str, buttons: JsonObject) -> str:
    named = (f"--answer {node}={button}" + (f" ({label})" if label else "") for button, label in buttons.items())
    return ", ".join(named)


def _seconds(value: object) -> str:
    return f"{float(value) / 1000:6.2f} s" if isinstance(value, int | float) else " " * 8


def _short(value: JsonValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    line = clean(line[: _WIDTH + 1])
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
