"""An OpenAI-compatible chat server over real HTTP for tests: answers, streams, calls tools, and breaks in every way a provider does."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.slow_http import LocalServer

HUGE = "x" * 1_000_000


@dataclass
class FakeProvider:
    """What the server does next and what it has seen. `behaviour` names a fault or a kind of answer; `text` is what it says."""

    server: LocalServer | None = None
    behaviour: str = "ok"
    text: str = "Hello from the fake provider."
    delay_s: float = 0.0
    tool_calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    offered_calls: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # made when offered, until a tool has answered
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    keys: list[str] = field(default_factory=list[str])
    hang_ups: int = 0

    @property
    def url(self) -> str:
        """Base URL."""
        assert self.server
        return self.server.url


def pieces(text: str) -> list[str]:
    """A text in the pieces that a stream carries."""
    return [text[start : start + 6] for start in range(0, len(text), 6)]


class EndsEarlyError(Exception):
    """The server ends the stream politely, but before the answer is complete."""


class CutError(Exception):
    """The server drops the connection."""


async def in_stream(request: web.Request, write: Callable[[web.StreamResponse], Awaitable[None]]) -> web.StreamResponse:
    """Send server events until they end, end early, or are cut."""
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    try:
        await write(answer)
    except CutError:
        assert request.transport
        request.transport.close()
    except EndsEarlyError:
        await answer.write_eof()
    return answer


class OpenAIChat:
    """The /v1/chat/completions handler."""

    def __init__(self, provider: FakeProvider) -> None:
        self._provider = provider

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call by the provider's behaviour."""
        provider = self._provider
        body = await request.json()
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        provider.requests.append(body)
        provider.keys.append(key)
        if refusal := self._refuse(provider.behaviour, key):
            return refusal
        try:
            if provider.behaviour == "slow_start":
                await asyncio.sleep(30)
            await asyncio.sleep(provider.delay_s)
            if not body.get("stream"):
                return await self._whole(request, body)
            return await in_stream(request, lambda answer: self._stream(answer, request, body))
        except (asyncio.CancelledError, ConnectionError):
            provider.hang_ups += 1
            raise

    def _refuse(self, behaviour: str, key: str) -> web.Response | None:
        errors: dict[str, tuple[int, str, str | None, dict[str, str]]] = {
            "rate_limited": (429, "Rate limit reached for requests", "rate_limit_exceeded", {"Retry-After": "7"}),
            "rate_limited_plain": (429, "Rate limit reached for requests", "rate_limit_exceeded", {}),
            "out_of_credit": (429, "You exceeded your current quota, please check your plan", "insufficient_quota", {}),
            "error_500": (500, "The server had an error", None, {}),
            "error_503": (503, "The engine is currently overloaded", None, {"Retry-After": "3"}),
            "bad_key": (401, f"Incorrect API key provided: {key}. You can find your API key at the provider.", "invalid_api_key", {}),
            "forbidden": (403, f"Your key {key} has no access to this model", None, {}),
            "unknown_model": (404, "The model does not exist or you do not have access to it", "model_not_found", {}),
            "too_long": (400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
                         "context_length_exceeded", {}),
            "refused": (400, "Invalid value for 'temperature'", "invalid_request_error", {}),
        }  # fmt: skip
        if behaviour not in errors:
            return None
        status, message, code, headers = errors[behaviour]
        return web.json_response(
            {"error": {"message": message, "type": "error", "param": None, "code": code}}, status=status, headers=headers
        )

    def _usage(self) -> dict[str, int]:
        return {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}

    def _calls(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        provider = self._provider
        offered = {tool["function"]["name"] for tool in body.get("tools") or ()} if body["messages"][-1]["role"] != "tool" else set()
        wished = provider.tool_calls or [call for call in provider.offered_calls if call[0] in offered]
        return [
            {"index": number, "id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(wished)
        ]

    async def _whole(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        provider = self._provider
        if provider.behaviour == "garbage":
            return web.Response(text='{"id": "x", "choices": [', content_type="application/json")
        if provider.behaviour == "cut":
            answer = web.StreamResponse(headers={"Content-Length": "500", "Content-Type": "application/json"})
            await answer.prepare(request)
            await answer.write(b'{"id": "x"')
            assert request.transport
            request.transport.close()
            return answer
        calls = self._calls(body)
        text = HUGE * 10 if provider.behaviour == "huge" else provider.text
        message: dict[str, Any] = {"role": "assistant", "content": None if calls else text}
        if calls:
            message["tool_calls"] = [{name: value for name, value in call.items() if name != "index"} for call in calls]
        finish = "length" if provider.behaviour == "cut_by_limit" else "tool_calls" if calls else "stop"
        choices = [] if provider.behaviour == "empty_choices" else [{"index": 0, "message": message, "finish_reason": finish}]
        document: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": choices,
        }
        if provider.behaviour != "no_usage":
            document["usage"] = self._usage()
        return web.json_response(document)

    async def _stream(self, answer: web.StreamResponse, request: web.Request, body: dict[str, Any]) -> None:
        provider = self._provider

        async def send(delta: dict[str, Any], finish: str | None = None) -> None:
            choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
            await self._event(answer, {"model": body["model"], "choices": choices})

        if provider.behaviour == "empty_choices":
            await self._event(answer, {"model": body["model"], "choices": []})
        else:
            await send({"role": "assistant", "content": ""})
            await self._deltas(answer, body, send)
            finish = "length" if provider.behaviour == "cut_by_limit" else "tool_calls" if self._calls(body) else "stop"
            await send({}, finish)
        if body.get("stream_options", {}).get("include_usage") and provider.behaviour != "no_usage":
            await self._event(answer, {"model": body["model"], "choices": [], "usage": self._usage()})
        await answer.write(b"data: [DONE]\n\n")

    async def _deltas(self, answer: web.StreamResponse, body: dict[str, Any], send: Any) -> None:
        provider = self._provider
        if calls := self._calls(body):
            for call in calls:
                await send({"tool_calls": [{**call, "function": {"name": call["function"]["name"], "arguments": ""}}]})
                for piece in pieces(call["function"]["arguments"]):
                    await send({"tool_calls": [{"index": call["index"], "function": {"arguments": piece}}]})
            return
        parts = [HUGE] * 10 if provider.behaviour == "huge" else pieces(provider.text)
        for number, piece in enumerate(parts):
            if number == 2 and provider.behaviour == "cut":
                raise CutError
            if number == 2 and provider.behaviour == "slow_middle":
                await asyncio.sleep(30)
            if number == 2 and provider.behaviour == "ends_early":
                raise EndsEarlyError
            if number == 2 and provider.behaviour == "garbage":
                await answer.write(b'data: {"id": "x", "choices": [{\n\n')
            if number == 2 and provider.behaviour == "error_in_stream":
                await self._event(answer, {"error": {"message": "overloaded in the middle", "type": "server_error", "code": 500}})
                return
            await send({"content": piece})

    async def _event(self, answer: web.StreamResponse, document: dict[str, Any]) -> None:
        whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, **document}
        await answer.write(b"data: " + json.dumps(whole).encode() + b"\n\n")


@contextmanager
def fake_openai(*, port: int = 0) -> Generator[FakeProvider]:
    """Serve /v1/chat/completions (and the same without /v1) until the block ends."""
    provider = FakeProvider()
    chat = OpenAIChat(provider)
    application = web.Application(client_max_size=64 * 1024**2)
    application.router.add_post("/v1/chat/completions", chat.handle)
    application.router.add_post("/chat/completions", chat.handle)
    provider.server = LocalServer(application, port=port)
    provider.server.start()
    try:
        yield provider
    finally:
        provider.server.stop()
