"""Whatever a client sends in place of an argument, a service answers with a plain refusal or does its work; it never breaks."""

from dataclasses import replace
from typing import Any

from app.core.errors import AppError
from app.core.uow import Actor, UnitOfWork
from app.services import access, agents, conversations, history, outgoing, runs
from app.wiring import Wiring
from engine.errors import SpecError
from models.ids import new_id, parse_id
from models.workflow import Workflow
from models.workspace import Role
from tests.attacks import surface
from tests.support.credentials import make_credential
from tests.support.endpoints import make_endpoint
from tests.support.hooks import incoming, make_webhook, receive, token_of
from tests.support.people import make_member
from tests.support.rules import make_rule, rule_fields
from tests.support.schedules import make_schedule, schedule_fields
from tests.support.workflows import make_workflow


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


HOSTILE: dict[str, Any] = {
    "null": None,
    "true": True,
    "negative": -1,
    "huge number": 10**30,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "empty": "",
    "NUL": "a\x00b",
    "half a character": "\ud800",
    "long": "a" * 100_000,
    "many digits": "1" * 5000,
    "SQL": "' OR 1=1 --",
    "wildcards": "%_\\",
    "foreign id": "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd",
    "braced id": "{0198c3f0-aaaa-7bbb-8ccc-dddddddddddd}",
    "list": ["x", None],
    "operator": {"$ne": None},
    "bad key": {"\x00": 1, "\ud800": 2},
    "deep list": nested(2000),
    "deep object": {"a": nested(2000)},
    "bytes": b"\xff\x00",
}


def an_owner(uow: UnitOfWork) -> Actor:
    return replace(make_member(uow, Role.OWNER), session_id=new_id())


def sound_arguments(uow: UnitOfWork) -> dict[str, Any]:
    """Ids of things that exist and values that fit, by the names that services give their arguments."""
    workflow = str(make_workflow(uow).id)
    agent = agents.create_from_starter(uow, key="support_triage")
    draft = agents.get_agent(uow, agent_id=agent.id).spec
    version = history.name_version(uow, workflow_id=workflow, version_id="draft", name="First")
    hook = make_webhook(uow, uow.load(Workflow, parse_id(workflow)))
    actor = uow.actor
    delivery = receive(uow, token_of(hook), incoming({"name": "Mia"}))
    uow.actor = actor
    endpoint = str(make_endpoint(uow).detail.row.id)
    return {
        "endpoint_id": endpoint,
        **_of_access(uow),
        "message_id": str(outgoing.send_test(uow, endpoint_id=endpoint).row.id),
        "webhook_id": str(hook.detail.row.id),
        "delivery_id": str(delivery.delivery_id),
        "is_paused": True,
        "workflow_id": workflow,
        "agent_id": agent.id,
        "conversation_id": conversations.create_conversation(uow, agent_id=agent.id).id,
        "run_id": str(runs.start_run(uow, workflow_id=workflow, inputs={"name": "Mia"}).id),
        "version_id": version.id,
        **_of_schedules(uow, workflow),
        **_of_credentials(uow),
        "draft": draft,
        "draft_spec": draft,
        "operations": [],
        "inputs": {"name": "Mia"},
        "name": "fields",
        "text": "Hello",
        "client_key": "abcd:1",
        "node_id": "start",
        "action": "add",
        **dict.fromkeys(("base_revision", "revision"), 1),
        "base_version": 1,
        "number": 1,
        "tab": "abcd",
    }


def _of_credentials(uow: UnitOfWork) -> dict[str, Any]:
    credential = make_credential(uow, test_url="https://api.example.com/me")
    return {"credential_id": str(credential.id), "settings": {}, "is_good": True, "message": "Accepted."}


def _of_access(uow: UnitOfWork) -> dict[str, Any]:
    made = access.create_api_key(uow, name="CI", scopes=["view"])
    return {"key_id": str(made.row.id), "secret_id": "x", "scopes": ["view"], "definition": {"nodes": [], "edges": []}}


def _of_schedules(uow: UnitOfWork, workflow: str) -> dict[str, Any]:
    return {
        "schedule_id": str(make_schedule(uow, workflow_id=workflow).id),
        "schedule": schedule_fields(uow, workflow_id=workflow),
        "rule_id": str(make_rule(uow).id),
        "rule": rule_fields(uow),
        "wording": "every day at 9",
        "time_zone": "UTC",
        "moment": "2026-03-04T09:00",
        "first": "2026-03-04",
        "days": 7,
    }


def test_no_hostile_argument_breaks_a_service(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = actor = an_owner(uow)
        sound = sound_arguments(uow)
    broken: list[str] = []
    tried = 0
    for name in surface.outer():
        service = surface.services()[name]
        needed = {one: sound.get(one) for one in surface.needed_arguments(service)}
        for argument in surface.untrusted_arguments(service):
            for words, value in HOSTILE.items():
                tried += 1
                failure = attempt(wiring, actor, service, {**needed, argument: value})
                if failure:
                    broken.append(f"{name}({argument}={words}): {failure}")
    assert tried > 1000
    assert not broken, broken


def attempt(wiring: Wiring, actor: Actor, service: surface.Service, arguments: dict[str, Any]) -> str:
    """Call it in a transaction that is taken back, and return the error that no edge would have words for, or ""."""
    try:
        with wiring.unit() as uow:
            uow.actor = actor
            service(uow, **arguments)
            raise AppError("take it back")
    except (AppError, SpecError):
        return ""
    except Exception as error:  # noqa: BLE001 - what it is, is the finding
        return f"{type(error).__name__}: {error}"[:200]
