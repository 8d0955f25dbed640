"""The API's own description turned against it: Schemathesis over the real application in process, as one signed-in person."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import hypothesis
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase
from schemathesis.python import asgi
from sqlmodel import select

from app.api.server import build_api
from app.wiring import Wiring
from models.ids import parse_id
from models.workspace import Membership
from tests.support.api import api_over

BELOW = "/api/v1/"
PASSWORD = "engine of analysis 9"
EXAMPLES = int(os.environ.get("AF_CONTRACT_EXAMPLES", "0"))  # more than the short run of CI; `make contract` sets it
LINKS = {
    "agent_id": "create_agent",
    "workflow_id": "create_workflow",
    "run_id": "start_run",
    "schedule_id": "create_schedule",
    "webhook_id": "create_webhook",
    "endpoint_id": "create_endpoint",
    "credential_id": "create_credential",
    "workspace_id": "create_workspace",
    "key_id": "create_key",
    "rule_id": "create_rule",
}
"""Path parameter -> the operation whose answer holds such an id."""


def unlimited(wiring: Wiring) -> Wiring:
    """Thousands of requests of one person are the purpose here."""
    limits = {"api_per_address": 0, "api_per_account": 0, "api_per_key": 0, "api_per_workspace": 0}
    return replace(wiring, settings=replace(wiring.settings, **limits))


def described() -> dict[str, Any]:
    """The description, with the one way to sign in that the caller uses."""
    raw = build_api().openapi()
    raw["paths"] = {path: methods for path, methods in raw["paths"].items() if path.startswith(BELOW)}
    for name in ("key", "session"):
        del raw["components"]["securitySchemes"][name]
    for operation in (each for methods in raw["paths"].values() for each in methods.values()):
        if "security" in operation:
            operation["security"] = [{"bearer": []}]
    return raw


def linked(raw: dict[str, Any], without: Callable[[str], bool]) -> dict[str, Any]:
    """The description with links: what an operation made is what the others are then called with."""
    raw["paths"] = {path: methods for path, methods in raw["paths"].items() if not without(path)}
    operations = {each["operationId"]: (path, each) for path, methods in raw["paths"].items() for each in methods.values()}
    for parameter, maker in LINKS.items():
        answers = operations[maker][1]["responses"]
        success = answers[next(status for status in answers if status.startswith("2"))]
        for name, (path, _) in operations.items():
            if f"{{{parameter}}}" in path:
                told = "$response.body#/data/" + ("detail/row/id" if maker in ("create_webhook", "create_endpoint") else "id")
                success.setdefault("links", {})[name] = {"operationId": name, "parameters": {f"path.{parameter}": told}}
    return raw


def bounded(examples: int, **more: Any) -> hypothesis.settings:
    """The same examples every time in the short run, others every time in the long one."""
    return hypothesis.settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),  # type: ignore[arg-type]
        **more,
    )


@dataclass(frozen=True)
class Caller:
    """A signed-in program and what it calls with."""

    app: Any
    session: asgi.ASGIClient
    headers: dict[str, str]
    user_id: Any
    workspace_id: Any

    def call(self, case: schemathesis.Case[Any], **more: str) -> schemathesis.Response:
        """Send a generated request."""
        return case.call(session=self.session, headers={**self.headers, **more})


@contextmanager
def calling(wiring: Wiring) -> Generator[Caller]:
    """Register somebody, and keep one connection open for all requests."""
    app: Any = api_over(unlimited(wiring))
    with TestClient(app) as client:
        body = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
        pair = client.post("/api/v1/auth/register", json=body).json()["data"]
    with wiring.unit(write=False) as uow:
        user_id = parse_id(pair["user_id"])
        workspace_id = uow.session.exec(select(Membership.workspace_id).where(Membership.user_id == user_id)).one()
    headers = {"Authorization": f"Bearer {pair['access_token']}", "Origin": wiring.settings.public_url}
    with asgi.get_client(app) as session:
        yield Caller(app, session, headers, user_id, workspace_id)
