"""The ports of a dry run: nothing is changed outside, whoever calls, and models may be the demo model."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.json import JsonObject, JsonValue, as_object
from engine.nodes.base import NodeResult, Wait
from engine.ports import HttpClient, HttpRequest, HttpResponse, LanguageModel, ModelReply, ModelRequest, Tool, ToolSchema, ToolSource
from engine.run.deps import Deps
from engine.spec.setup import RunSetup
from engine.tools.registry import TOOLS

DEMO_MODEL = "demo/assistant"
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def ports_for(setup: RunSetup, deps: Deps) -> Deps:
    """The ports as a test run may use them; unchanged for every other run."""
    if setup.models == "demo":
        deps = replace(deps, models=DemoOnly(deps.models))
    if not setup.is_dry:
        return deps
    if setup.reach == "nothing":
        return replace(deps, http=NoHttp(), tools=InnerTools(deps.tools))
    http = ReadingHttp(deps.http)
    return replace(deps, http=http, tools=ReadingTools(deps.tools))


def dry_wait(setup: RunSetup, node: str, wait: Wait, stand_in: Callable[[], NodeResult]) -> NodeResult | Wait:
    """What a step does instead of waiting: it goes on with a stand-in, unless people are to be asked who have not answered yet."""
    if wait.reason != "approval" or setup.people == "stand_in":
        return stand_in()
    button = setup.presses.get(node)
    if button is None:
        return wait
    return NodeResult({**(as_object(stand_in().output) or {}), "button": button, "note": "", "by": None}, button)


@dataclass(frozen=True, slots=True)
class DemoOnly:
    """Asks the demo model whatever was asked for."""

    inner: LanguageModel

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """The demo model's reply."""
        return await self.inner.complete(replace(request, model=DEMO_MODEL), on_text=on_text)


@dataclass(frozen=True, slots=True)
class ReadingHttp:
    """Lets reading through; what would change something gets an empty yes and never leaves."""

    inner: HttpClient

    async def send(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the stub."""
        if request.method.upper() in READING:
            return await self.inner.send(request)
        return _stub(request)


class NoHttp:
    """Lets nothing out: everything gets an empty yes."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """The stub."""
        return _stub(request)


def _stub(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, json.dumps({"stubbed": True}).encode(), request.url)


@dataclass(frozen=True, slots=True)
class InnerTools:
    """Grants the same tools; those that talk to the outside, and those that do not declare that they only read, are not called."""

    inner: ToolSource

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """The tools by name."""
        return [tool if is_inner(tool) else StubbedTool(tool) for tool in self.inner.tools(names)]


def is_inner(tool: Tool) -> bool:
    """Whether it stays on the machine."""
    kind = TOOLS.get(tool.schema.name)
    return tool.schema.reads_only and kind is not None and not kind.reaches_out


@dataclass(frozen=True, slots=True)
class ReadingTools:
    """Grants the same tools; those that do not declare that they only read are not called."""

    inner: ToolSource

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """The tools by name."""
        return [tool if tool.schema.reads_only else StubbedTool(tool) for tool in self.inner.tools(names)]


@dataclass(frozen=True, slots=True)
class StubbedTool:
    """Looks like the tool and does nothing."""

    inner: Tool

    @property
    def schema(self) -> ToolSchema:
        """The tool's own."""
        return self.inner.schema

    async def call(self, arguments: JsonObject) -> JsonValue:
        """Say that nothing happened; the arguments stand in the trace."""
        return {"stubbed": True, "note": "This is a dry run: the tool was not called."}
