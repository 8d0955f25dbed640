"""An Anthropic-compatible messages server over real HTTP for tests; the same behaviours as the OpenAI one, in Anthropic's format."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.support.fake_openai import CutError, EndsEarlyError, FakeProvider, in_stream, pieces
from tests.support.slow_http import LocalServer


class AnthropicMessages:
    """The /v1/messages handler."""

    def __init__(self, provider: FakeProvider) -> None:
        self._provider = provider

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call by the provider's behaviour."""
        provider = self._provider
        body = await request.json()
        key = request.headers.get("x-api-key", "")
        provider.requests.append(body)
        provider.keys.append(key)
        if refusal := self._refuse(provider.behaviour, key):
            return refusal
        try:
            if provider.behaviour == "slow_start":
                await asyncio.sleep(30)
            await asyncio.sleep(provider.delay_s)
            if not body.get("stream"):
                return web.json_response(self._document(body))
            return await in_stream(request, lambda answer: self._stream(answer, body))
        except (asyncio.CancelledError, ConnectionError):
            provider.hang_ups += 1
            raise

    def _refuse(self, behaviour: str, key: str) -> web.Response | None:
        errors: dict[str, tuple[int, str, str, dict[str, str]]] = {
            "rate_limited": (429, "rate_limit_error", "Number of requests has exceeded your rate limit", {"retry-after": "7"}),
            "error_500": (500, "api_error", "Internal server error", {}),
            "overloaded": (529, "overloaded_error", "Overloaded", {}),
            "bad_key": (401, "authentication_error", f"invalid x-api-key {key}", {}),
            "too_long": (400, "invalid_request_error", "prompt is too long: 205000 tokens > 200000 maximum", {}),
        }
        if behaviour not in errors:
            return None
        status, kind, message, headers = errors[behaviour]
        return web.json_response({"type": "error", "error": {"type": kind, "message": message}}, status=status, headers=headers)

    def _content(self) -> list[dict[str, Any]]:
        if self._provider.tool_calls:
            return [
                {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": json.loads(arguments)}
                for number, (name, arguments) in enumerate(self._provider.tool_calls)
            ]
        return [{"type": "text", "text": self._provider.text}]

    def _document(self, body: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": self._content(),
            "stop_reason": "tool_use" if self._provider.tool_calls else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 11, "output_tokens": 7},
        }

    async def _stream(self, answer: web.StreamResponse, body: dict[str, Any]) -> None:
        document = self._document(body)
        start = {**document, "content": [], "stop_reason": None, "usage": {"input_tokens": 11, "output_tokens": 1}}
        await self._event(answer, "message_start", {"message": start})
        for index, block in enumerate(document["content"]):
            await self._block(answer, index=index, block=block)
        delta = {"stop_reason": document["stop_reason"], "stop_sequence": None}
        await self._event(answer, "message_delta", {"delta": delta, "usage": {"output_tokens": 7}})
        await self._event(answer, "message_stop", {})

    async def _block(self, answer: web.StreamResponse, *, index: int, block: dict[str, Any]) -> None:
        is_tool = block["type"] == "tool_use"
        opened = {**block, "input": {}} if is_tool else {**block, "text": ""}
        await self._event(answer, "content_block_start", {"index": index, "content_block": opened})
        for number, piece in enumerate(pieces(json.dumps(block["input"]) if is_tool else block["text"])):
            if number == 2 and self._provider.behaviour == "cut":
                raise CutError
            if number == 2 and self._provider.behaviour == "ends_early":
                raise EndsEarlyError
            if number == 2 and self._provider.behaviour == "slow_middle":
                await asyncio.sleep(30)
            delta = {"type": "input_json_delta", "partial_json": piece} if is_tool else {"type": "text_delta", "text": piece}
            await self._event(answer, "content_block_delta", {"index": index, "delta": delta})
        await self._event(answer, "content_block_stop", {"index": index})

    async def _event(self, answer: web.StreamResponse, kind: str, document: dict[str, Any]) -> None:
        await answer.write(f"event: {kind}\ndata: {json.dumps({'type': kind, **document})}\n\n".encode())


@contextmanager
def fake_anthropic(*, port: int = 0) -> Generator[FakeProvider]:
    """Serve /v1/messages until the block ends."""
    provider = FakeProvider()
    application = web.Application(client_max_size=64 * 1024**2)
    application.router.add_post("/v1/messages", AnthropicMessages(provider).handle)
    provider.server = LocalServer(application, port=port)
    provider.server.start()
    try:
        yield provider
    finally:
        provider.server.stop()
