"""The explicit list of built-in tools: what the agent form offers and what agents are granted by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.errors import Permanent
from engine.ports import Clock, HttpClient, Tool
from engine.tools.calculator import Calculator
from engine.tools.date_time import DateTime
from engine.tools.json_query import JsonQuery
from engine.tools.web_fetch import WebFetch


@dataclass(frozen=True, slots=True)
class ToolKind:
    """A tool as people choose it; `reaches_out` says that it talks to the outside world."""

    name: str
    title: str
    description: str
    icon: str  # lucide icon name
    make: Callable[[HttpClient, Clock], Tool]
    reaches_out: bool = False


ALL: tuple[ToolKind, ...] = (
    ToolKind(
        "calculator",
        "Calculator",
        "Calculates exactly instead of guessing: sums, percentages, rounding.",
        "calculator",
        lambda _h, _c: Calculator(),
    ),
    ToolKind(
        "date_time",
        "Date and time",
        "Knows today's date, time zones, and how far apart two dates are.",
        "calendar-clock",
        lambda _h, clock: DateTime(clock),
    ),
    ToolKind("web_fetch", "Web fetch", "Reads public web pages as text.", "globe", lambda http, _c: WebFetch(http), reaches_out=True),
    ToolKind("json_query", "JSON query", "Picks, filters and counts parts of JSON data.", "braces", lambda _h, _c: JsonQuery()),
)
TOOLS = MappingProxyType({tool.name: tool for tool in ALL})


@dataclass(frozen=True, slots=True)
class BuiltinTools:
    """The ToolSource of a run: builds granted tools over the run's own ports."""

    http: HttpClient
    clock: Clock

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """The tools by name, each once; Permanent `unknown_tool` for a name that is not in the registry."""
        unknown = next((name for name in names if name not in TOOLS), None)
        if unknown is not None:
            raise Permanent("unknown_tool", f"There is no tool '{unknown[:60]}'. Known tools: {', '.join(TOOLS)}.")
        return [TOOLS[name].make(self.http, self.clock) for name in dict.fromkeys(names)]
