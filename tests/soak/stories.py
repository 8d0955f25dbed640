"""The workflows of the soak: every way of working, waiting and failing that a run can have, and a service that they call."""

import asyncio
import random
import threading
from collections import Counter
from typing import Any

from aiohttp import web

from app.core.uow import UnitOfWork
from engine.spec.workflow import NodeSpec, WorkflowSpec
from tests.support.families import call
from tests.support.workflows import asking, greeting, make_workflow, node, spec_of

MODEL = {"model": "demo/assistant", "prompt": "Hello"}
SIGNAL = "soak"


class MoodyService:
    """Answers late, sometimes with an error, sometimes not at all; counts what carries an Idempotency-Key."""

    def __init__(self, chance: random.Random) -> None:
        self.calls = 0
        self.keys: Counter[str] = Counter()
        self._chance = chance
        self._lock = threading.Lock()

    async def answer(self, request: web.Request) -> web.Response:
        """Answer."""
        with self._lock:
            self.calls += 1
            if key := request.headers.get("Idempotency-Key"):
                self.keys[key] += 1
            mood, pause = self._chance.random(), self._chance.expovariate(10)
        await asyncio.sleep(pause)
        if request.method == "GET" and mood < 0.02 and request.transport is not None:
            request.transport.abort()
        return web.json_response({"ok": True}, status=503 if request.method == "GET" and mood < 0.06 else 200)


def make_stories(uow: UnitOfWork, url: str) -> dict[str, object]:
    """Workflow ids by name."""
    retry = {"attempts": 5, "delay_s": 0.2}

    def get(name: str, **rest: Any) -> NodeSpec:
        return node(name, "http", url=f"{url}/{name}", retry=retry, **rest)

    child = spec_of(node("start", "start"), get("a"), node("ask", "llm", **MODEL), node("end", "end"), edges="start>a a>ask ask>end")
    inner = make_workflow(uow, child, name="Inner")
    begin, end = node("start", "start"), node("end", "end")

    def boxed(kind: str, **config: Any) -> WorkflowSpec:
        inside = (get("a", parent="box"), node("ask", "llm", parent="box", **MODEL))
        return spec_of(begin, node("box", kind, **config), *inside, end, edges="start>box a>ask box>end")

    undone = spec_of(
        begin,
        node("box", "region", on_error={"action": "branch"}),
        node("book", "http", method="POST", url=f"{url}/book", parent="box"),
        node("cancel", "http", method="POST", url=f"{url}/cancel", parent="box"),
        node("no", "code", source="1 / 0", parent="box"),
        end,
        node("sorry", "end", output="sorry"),
        edges="start>box book.undo>cancel book>no box>end box.error>sorry",
    )
    specs = {
        "greeting": greeting(),
        "chain": spec_of(begin, get("a"), get("b"), get("c"), end, edges="start>a a>b b>c c>end"),
        "wide": spec_of(begin, get("a"), get("b"), get("c"), end, edges="start>a start>b start>c a>end b>end c>end"),
        "race": spec_of(
            begin,
            get("a"),
            get("b"),
            node("first", "merge", join="any", others="cancel"),
            end,
            edges="start>a start>b a>first b>first first>end",
        ),
        "map": boxed("map", items=[1, 2, 3], parallel=2),
        "batch": boxed("batch", items=[1, 2, 3, 4], size=2),
        "loop": boxed("loop", condition="loop.index >= 2"),
        "undone": undone,
        "paying": spec_of(begin, node("pay", "http", method="POST", url=f"{url}/pay"), end, edges="start>pay pay>end"),
        "asking": asking(),
        "waiting": spec_of(begin, node("nap", "delay", duration_s=2), get("a"), end, edges="start>nap nap>a a>end"),
        "signalled": spec_of(begin, node("hear", "wait", key=SIGNAL), end, edges="start>hear hear>end"),
        "failing": spec_of(begin, get("a"), node("no", "code", source="1 / 0"), end, edges="start>a a>no no>end"),
        "child": spec_of(begin, call(inner), end, edges="start>call call>end"),
        "children": spec_of(
            begin, node("box", "map", items=[1, 2, 3], parallel=3), call(inner, parent="box"), end, edges="start>box box>end"
        ),
    }
    return {name: make_workflow(uow, spec, name=name).id for name, spec in specs.items()}
