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


BEGIN, END = node("start", "start"), node("end", "end")
RETRY = {"attempts": 5, "delay_s": 0.2}


def get(url: str, name: str, **rest: Any) -> NodeSpec:
    """A call that may be repeated."""
    return node(name, "http", url=f"{url}/{name}", retry=RETRY, **rest)


def boxed(url: str, kind: str, **config: Any) -> WorkflowSpec:
    """A call and a model call inside a container."""
    inside = (get(url, "a", parent="box"), node("ask", "llm", parent="box", **MODEL))
    return spec_of(BEGIN, node("box", kind, **config), *inside, END, edges="start>box a>ask box>end")


def undone(url: str) -> WorkflowSpec:
    """A booking that is taken back, as something after it fails."""
    return spec_of(
        BEGIN,
        node("box", "region", on_error={"action": "branch"}),
        node("book", "http", method="POST", url=f"{url}/book", parent="box"),
        node("cancel", "http", method="POST", url=f"{url}/cancel", parent="box"),
        node("no", "code", source="1 / 0", parent="box"),
        END,
        node("sorry", "end", output="sorry"),
        edges="start>box book.undo>cancel book>no box>end box.error>sorry",
    )


def racing(url: str) -> WorkflowSpec:
    """The slower of two calls is cancelled."""
    first = node("first", "merge", join="any", others="cancel")
    return spec_of(BEGIN, get(url, "a"), get(url, "b"), first, END, edges="start>a start>b a>first b>first first>end")


def alone(url: str) -> dict[str, WorkflowSpec]:
    """Those that call no other workflow."""
    a, b, c = (get(url, name) for name in "abc")
    return {
        "greeting": greeting(),
        "chain": spec_of(BEGIN, a, b, c, END, edges="start>a a>b b>c c>end"),
        "wide": spec_of(BEGIN, a, b, c, END, edges="start>a start>b start>c a>end b>end c>end"),
        "race": racing(url),
        "map": boxed(url, "map", items=[1, 2, 3], parallel=2),
        "batch": boxed(url, "batch", items=[1, 2, 3, 4], size=2),
        "loop": boxed(url, "loop", condition="loop.index >= 2"),
        "undone": undone(url),
        "paying": spec_of(BEGIN, node("pay", "http", method="POST", url=f"{url}/pay"), END, edges="start>pay pay>end"),
        "asking": asking(),
        "waiting": spec_of(BEGIN, node("nap", "delay", duration_s=2), a, END, edges="start>nap nap>a a>end"),
        "signalled": spec_of(BEGIN, node("hear", "wait", key=SIGNAL), END, edges="start>hear hear>end"),
        "failing": spec_of(BEGIN, a, node("no", "code", source="1 / 0"), END, edges="start>a a>no no>end"),
    }


def make_stories(uow: UnitOfWork, url: str) -> dict[str, object]:
    """Workflow ids by name."""
    child = spec_of(BEGIN, get(url, "a"), node("ask", "llm", **MODEL), END, edges="start>a a>ask ask>end")
    inner = make_workflow(uow, child, name="Inner")
    each = node("box", "map", items=[1, 2, 3], parallel=3)
    specs = alone(url) | {
        "child": spec_of(BEGIN, call(inner), END, edges="start>call call>end"),
        "children": spec_of(BEGIN, each, call(inner, parent="box"), END, edges="start>box box>end"),
    }
    return {name: make_workflow(uow, spec, name=name).id for name, spec in specs.items()}
