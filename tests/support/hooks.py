"""Webhooks of tests: made, signed and called, by services or over HTTP."""

import json
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook as Signer

from app.core.uow import UnitOfWork
from app.services import webhooks
from app.services.webhooks import Incoming, Reception
from app.views.webhooks import MadeWebhook
from models.workflow import Workflow
from tests.support.workflows import make_workflow

JSON = "application/json"


def make_webhook(uow: UnitOfWork, workflow: Workflow | None = None, **settings: Any) -> MadeWebhook:
    """A webhook without proof, unless the settings say otherwise, of a greeting workflow that asks for `name`."""
    workflow = workflow or make_workflow(uow)
    return webhooks.create_webhook(uow, workflow_id=workflow.id, settings={"auth": "none", **settings})


def token_of(made: MadeWebhook) -> str:
    """The end of its address."""
    return made.detail.url.rsplit("/", 1)[1]


def incoming(body: object = None, *, method: str = "POST", query: str = "", **headers: str) -> Incoming:
    """A request; `headers` are written with underscores. What is not bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {"content_type": JSON} | headers
    pairs = [(name.replace("_", "-").lower(), value) for name, value in names.items()]
    parts = [tuple(pair.split("=", 1)) for pair in query.split("&") if pair]
    return Incoming(method=method, query=parts, headers=pairs, body=raw, address="127.0.0.1")  # type: ignore[arg-type]


def signed(secret: str, body: bytes, *, message_id: str = "msg_1", at: datetime | None = None) -> dict[str, str]:
    """The three headers of a signed message, with underscores."""
    moment = at or datetime.now(UTC)
    signature = Signer(secret).sign(message_id, moment, body.decode())
    return {"webhook_id": message_id, "webhook_timestamp": str(int(moment.timestamp())), "webhook_signature": signature}


def receive(uow: UnitOfWork, token: str, request: Incoming, *, is_test: bool = False) -> Reception:
    """What the route does with a request, in one unit of work."""
    target = webhooks.find_target(uow, token=token, is_test=is_test)
    examined = webhooks.examine(target, request, box=uow.ports.box, now=uow.ports.clock.now())
    return webhooks.accept_request(uow, target=target, examined=examined)
