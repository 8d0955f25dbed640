"""A caught request becomes questions of the start step: typed, named, and never twice."""

import pytest

from app.core.errors import Conflict
from app.core.uow import UnitOfWork
from app.services import webhooks
from models.webhook import Webhook
from models.workflow import Workflow
from tests.support.hooks import incoming, make_webhook, receive, token_of
from tests.support.people import make_member


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow)
    return uow


def fields_of(uow: UnitOfWork, webhook_id: object) -> dict[str, str]:
    row = uow.session.get(Webhook, webhook_id)
    workflow = uow.session.get(Workflow, row.workflow_id if row else None)
    assert workflow is not None
    return {field["name"]: field.get("type", "text") for field in workflow.draft["nodes"][0]["config"]["fields"]}


def test_fields_of_the_sample_are_added_with_their_types(member: UnitOfWork) -> None:
    actor, made = member.actor, make_webhook(member)
    hook_id = made.detail.row.id
    webhooks.start_listening(member, webhook_id=hook_id)
    body = {"name": "Mia", "total": 12.5, "count": 3, "paid": True, "items": [1], "customer": {"id": 1}, "note": "a\nb", "Bad Name": 1}
    receive(member, token_of(made), incoming(body), is_test=True)
    member.actor = actor
    member.session.expire_all()
    assert webhooks.adopt_sample_fields(member, webhook_id=hook_id) == ("total", "count", "paid", "items", "customer", "note")
    member.session.expire_all()
    assert fields_of(member, hook_id) == {
        "name": "text",
        "times": "integer",
        "total": "number",
        "count": "integer",
        "paid": "boolean",
        "items": "list",
        "customer": "json",
        "note": "long_text",
    }
    assert webhooks.adopt_sample_fields(member, webhook_id=hook_id) == ()


def test_without_a_sample_there_is_nothing_to_adopt(member: UnitOfWork) -> None:
    made = make_webhook(member)
    with pytest.raises(Conflict, match="no sample yet"):
        webhooks.adopt_sample_fields(member, webhook_id=made.detail.row.id)
