"""Where webhooks are called: finds the webhook, reads within limits, checks, writes delivery and run in one transaction, then answers.

No cookie counts here. Answers carry a policy that lets no script run, as their content is written by others.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from starlette.requests import ClientDisconnect

from app.api.errors import error_body
from app.api.hook_bodies import read_body
from app.api.hook_replies import WAITING, await_reply
from app.api.visitor import client_address, network_of
from app.core.errors import AppError, LimitReached
from app.services import webhooks
from app.services.webhooks import Examined, Incoming, NoWebhook, Reception, Refused, Target
from app.views.webhooks import Reply, RunProgress
from app.wiring import Wiring, get_wiring
from engine.json import JsonObject

router = APIRouter(tags=["webhooks"])
log = logging.getLogger(__name__)
T = TypeVar("T")
Parts = Annotated[Wiring, Depends(get_wiring)]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
NOTED_REFUSALS_PER_MINUTE = 60  # per webhook; a flood must not fill the log
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
SANDBOX = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class _Call:
    """One request on its way."""

    request: Request
    wiring: Wiring
    target: Target
    began: float

    def incoming(self, body: bytes) -> Incoming:
        return Incoming(
            method=self.request.method,
            query=self.request.query_params.multi_items(),
            headers=[(name.lower(), value) for name, value in self.request.headers.items()],
            body=body,
            address=client_address(self.request, trusted_proxies=self.wiring.settings.trusted_proxies),
            began=self.began,
        )


async def _in_unit(wiring: Wiring, service: Callable[..., T], *, write: bool = True, **arguments: Any) -> T:
    def work() -> T:
        with wiring.unit(write=write) as uow:
            return service(uow, **arguments)

    return await asyncio.to_thread(work)


async def receive(token: str, request: Request, wiring: Parts) -> Response:
    """Start the workflow behind this address. 202 with the run's id and status address, or the result where the webhook waits for it."""
    return await _receive(token, request, wiring, is_test=False)


async def receive_test(token: str, request: Request, wiring: Parts) -> Response:
    """The test address: answers only while somebody listens, who then sees the request."""
    return await _receive(token, request, wiring, is_test=True)


for _method in METHODS:  # one by one, so that each has an operation of its own in the description
    _name = _method.lower()
    router.add_api_route("/api/hooks/{token}", receive, methods=[_method], operation_id=f"call_webhook_{_name}")
    router.add_api_route("/api/hooks/{token}/test", receive_test, methods=[_method], operation_id=f"test_webhook_{_name}")


@router.get("/api/hook-runs/{ticket}")
async def run_progress(ticket: str, wiring: Parts) -> Response:
    """How the run stands that a webhook started; the address comes with the 202."""
    progress = await _in_unit(wiring, webhooks.read_ticket, write=False, ticket=ticket)
    return _json(200, _progress(progress))


async def _receive(token: str, request: Request, wiring: Wiring, *, is_test: bool) -> Response:
    began = wiring.ports.clock.monotonic()
    if not _TOKEN.fullmatch(token):
        raise NoWebhook()
    target = await _in_unit(wiring, webhooks.find_target, write=False, token=token, is_test=is_test)
    call = _Call(request, wiring, target, began)
    incoming, examined = call.incoming(b""), None
    try:
        await _throttle(call, f"hook:{target.webhook_id}:{network_of(incoming.address)}")
        webhooks.check_method(target, incoming.method)
        incoming = call.incoming(await read_body(request, max_bytes=target.settings.max_bytes))
        examined = await asyncio.to_thread(webhooks.examine, target, incoming, box=wiring.ports.box, now=wiring.ports.clock.now())
        await _throttle(call, f"hook:{target.webhook_id}")
        reception = await _in_unit(wiring, webhooks.accept_request, target=target, examined=examined)
    except NoWebhook:
        raise
    except AppError as error:
        await _note(call, incoming, examined, error)
        return _refusal(error, target)
    except ClientDisconnect:
        return Response(status_code=400)
    return await _answer(call, reception)


async def _throttle(call: _Call, key: str) -> None:
    allowed = call.target.settings.rate_per_minute
    wait_s = await asyncio.to_thread(call.wiring.ports.limiter.hit, key, allowed=allowed, window_s=60)
    if wait_s > 0:
        raise _TooFast(f"More than {allowed:,} requests a minute. Try again in {wait_s:.0f} seconds.", wait_s)


class _TooFast(LimitReached):
    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message, code="too_many_requests")
        self.wait_s = wait_s


async def _note(call: _Call, incoming: Incoming, examined: Examined | None, error: AppError) -> None:
    key = f"hook refusals:{call.target.webhook_id}"
    limiter = call.wiring.ports.limiter
    if await asyncio.to_thread(limiter.hit, key, allowed=NOTED_REFUSALS_PER_MINUTE, window_s=60):
        return
    await _in_unit(call.wiring, webhooks.note_refusal, target=call.target, incoming=incoming, examined=examined, error=error)


def _refusal(error: AppError, target: Target) -> Response:
    answer = _json(error.status, error_body(error.error_code, error.message, error.fields))
    if isinstance(error, _TooFast):
        answer.headers["Retry-After"] = str(max(1, round(error.wait_s)))
    if error.status == 405:
        answer.headers["Allow"] = ", ".join(target.settings.methods)
    if isinstance(error, Refused) and error.status in (408, 413):
        answer.headers["Connection"] = "close"
    return answer


async def _answer(call: _Call, reception: Reception) -> Response:
    wiring, run_id = call.wiring, reception.run_id
    if run_id is None:
        return _json(200, {"status": "captured", "message": "Whoever listens sees this request now. No run was started."})
    settings = call.target.settings
    if settings.reply == "result" and WAITING.acquire(call.target.webhook_id):
        try:
            reply = await await_reply(wiring, reception, timeout_s=settings.wait_s)
        finally:
            WAITING.release(call.target.webhook_id)
        if reply is not None:
            took_ms = (wiring.ports.clock.monotonic() - call.began) * 1000
            await _in_unit(wiring, webhooks.note_reply, delivery_id=reception.delivery_id, reply=reply, duration_ms=took_ms)
            return _own(reply)
    return await _accepted(call, reception)


async def _accepted(call: _Call, reception: Reception) -> Response:
    ticket = await _in_unit(call.wiring, webhooks.make_ticket, write=False, delivery_id=reception.delivery_id)
    status_url = f"{call.wiring.settings.public_url}/api/hook-runs/{ticket}"
    body: JsonObject = {"run_id": str(reception.run_id), "status": "accepted", "status_url": status_url}
    if not reception.is_first:
        body["duplicate"] = True
    if call.target.settings.reply == "result":
        reply = Reply(202, {"content-type": "application/json"}, json.dumps(body))
        took_ms = (call.wiring.ports.clock.monotonic() - call.began) * 1000
        await _in_unit(call.wiring, webhooks.note_reply, delivery_id=reception.delivery_id, reply=reply, duration_ms=took_ms)
    return _json(202, body)


def _progress(progress: RunProgress) -> JsonObject:
    body: JsonObject = {
        "run_id": str(progress.run_id),
        "status": progress.status,
        "created_at": progress.created_at.isoformat(),
        "finished_at": progress.finished_at.isoformat() if progress.finished_at else None,
    }
    if progress.error_code:
        body["error"] = {"code": progress.error_code}
    if progress.tells_output:
        body["output"] = progress.output
    return body


def _own(reply: Reply) -> Response:
    answer = Response(reply.body, status_code=reply.status, headers=reply.headers)
    answer.headers.update(SANDBOX if "cache-control" not in reply.headers else {k: v for k, v in SANDBOX.items() if k != "Cache-Control"})
    return answer


def _json(status: int, body: JsonObject) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status_code=status, media_type="application/json", headers=SANDBOX)
