"""A local HTTP service that remembers every call, for tests that count what really happened outside."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from aiohttp import web

from app.views.runs import RunRow
from engine.spec.workflow import NodeSpec, WorkflowSpec
from tests.support.workflows import node, spec_of

Begin = Callable[[WorkflowSpec], RunRow]
"""Starts a run of a new workflow."""


class CalledService:
    """Answers `/{name}` with its name after `delay_s`; counts calls by name and by Idempotency-Key."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.keys: Counter[str] = Counter()
        self.delay_s = 0.0
        self.status = 200
        self._lock = threading.Lock()

    async def answer(self, request: web.Request) -> web.Response:
        """Count, wait, answer."""
        name = request.match_info["name"]
        with self._lock:
            self.calls[name] += 1
            if key := request.headers.get("Idempotency-Key"):
                self.keys[key] += 1
        await asyncio.sleep(self.delay_s)
        return web.json_response({"name": name, "run": request.query.get("run", "")}, status=self.status)


Service = tuple[CalledService, str]
"""The service and its address."""


def calling(base_url: str, *names: str, method: str = "GET") -> WorkflowSpec:
    """Start, one call after the other, and an end."""
    nodes: list[NodeSpec] = [node("start", "start"), *(node(name, "http", method=method, url=f"{base_url}/{name}") for name in names)]
    chain = ["start", *names, "end"]
    edges = " ".join(f"{source}>{target}" for source, target in pairwise(chain))
    return spec_of(*nodes, node("end", "end", output="done"), edges=edges)
