"""The Python client has a method for every operation of the API: each method is called against a server that answers all alike."""

import inspect
from collections.abc import Iterator
from typing import Any

import httpx

from agent_factory import Client, Tokens
from agent_factory.errors import RunFailed
from agent_factory.parts import Part
from tests.support.operations import operation_of, operations

ID = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
END = 'event: end\ndata: {"status": "succeeded"}\n\n'
PAIR = {"access_token": "a", "refresh_token": "r"}
ANYTHING = {
    "items": [],
    "id": "x",
    "next_cursor": None,
    "stream": f"/api/v1/runs/{ID}/stream",
    "text": "",
    "status": "succeeded",
    "codes": [],
    "left": 0,
    "days": 30,
    "count": 0,
    "fields": [],
    **PAIR,
}
WRITTEN = {
    "text": "x",
    "definition": {},
    "draft": {},
    "body": {},
    "inputs": {},
    "number": 1,
    "version": 1,
    "revision": 1,
    "scopes": ["view"],
    "credentials": {},
    "stars": 5,
    "operations": [],
}


def methods_of(thing: object) -> Iterator[tuple[str, Any]]:
    for name, method in inspect.getmembers(thing, inspect.ismethod):
        if not name.startswith("_") and name not in ("do", "below", "close"):
            yield name, method


def call(method: Any) -> None:
    given: dict[str, Any] = {}
    parts: list[Any] = []
    for name, one in inspect.signature(method).parameters.items():
        if one.kind is one.VAR_KEYWORD or one.kind is one.VAR_POSITIONAL:
            continue
        if one.kind is one.KEYWORD_ONLY:
            if one.default is one.empty:
                given[name] = WRITTEN.get(name, ID)
        elif one.default is one.empty:
            parts.append(b"x" if one.annotation is bytes else WRITTEN.get(name, ID))
    answer = method(*parts, **given)
    if inspect.isgenerator(answer):
        list(answer)


def test_the_client_has_a_method_for_every_operation() -> None:
    asked: set[str] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        name = operation_of(request.method, request.url.path)
        assert name, f"{request.method} {request.url.path} is no operation of the API"
        asked.add(name)
        if request.url.path.endswith("/stream"):
            return httpx.Response(200, text=END, headers={"Content-Type": "text/event-stream"})
        return httpx.Response(200, json={"data": ANYTHING, "message": "OK", "timestamp": "2026-03-04T00:00:00Z"})

    http = httpx.Client(base_url="http://factory.test", transport=httpx.MockTransport(answer))
    client = Client(tokens=Tokens("a", "r"), http=http)
    parts = [part for part in vars(client).values() if isinstance(part, Part)]
    assert len(parts) >= 12
    for thing in (*parts, client):
        for _, method in methods_of(thing):
            try:
                call(method)
            except (RunFailed, StopIteration):
                continue
    assert set(operations()) - asked == set()
