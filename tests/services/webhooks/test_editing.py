"""Making and changing webhooks: who may, what is kept, and what is told only once."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from app.adapters.secret_box import AesSecretBox
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services import webhooks
from app.services.webhooks import NoWebhook
from app.wiring import Wiring
from models.webhook import Webhook
from models.workflow import Workflow
from models.workspace import Membership, Role
from tests.support.clock import FrozenClock
from tests.support.hooks import incoming, make_webhook, receive, token_of
from tests.support.people import make_member
from tests.support.workflows import make_workflow


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow)
    return uow


def stored(uow: UnitOfWork, made: Any) -> Webhook:
    return uow.load(Webhook, made.detail.row.id)


def test_an_address_holds_256_random_bits_and_the_database_neither_it_nor_the_secret(member: UnitOfWork) -> None:
    made = make_webhook(member, auth="signature")
    token = token_of(made)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert made.secret.startswith("whsec_")
    row = stored(member, made).model_dump_json()
    assert token not in row
    assert made.secret not in row
    assert made.detail.secrets[0].last_four == made.secret[-4:]


def test_an_editor_sees_the_address_again_and_a_viewer_never(member: UnitOfWork) -> None:
    made = make_webhook(member)
    hook_id = made.detail.row.id
    assert webhooks.get_webhook(member, webhook_id=hook_id).url == made.detail.url
    assert member.actor is not None
    member.actor = replace(member.actor, role=Role.VIEWER)
    seen = webhooks.get_webhook(member, webhook_id=hook_id)
    assert seen.url == seen.test_url == ""
    assert token_of(made) not in repr(seen)
    with pytest.raises(NotAllowed):
        webhooks.rotate_address(member, webhook_id=hook_id)


def test_a_secret_is_told_when_it_is_made_and_never_again(member: UnitOfWork) -> None:
    made = make_webhook(member, auth="secret")
    assert made.secret
    assert made.secret not in repr(webhooks.get_webhook(member, webhook_id=made.detail.row.id))
    assert webhooks.update_webhook(member, webhook_id=made.detail.row.id, settings={"name": "Renamed"}).secret == ""


def test_the_first_need_of_a_secret_makes_one(member: UnitOfWork) -> None:
    made = make_webhook(member, auth="none")
    assert made.secret == ""
    changed = webhooks.update_webhook(member, webhook_id=made.detail.row.id, settings={"auth": "signature"})
    assert changed.secret


def test_after_a_rotation_both_secrets_count_for_a_day(member: UnitOfWork, clock: FrozenClock) -> None:
    made = make_webhook(member, auth="secret")
    renewed = webhooks.rotate_secret(member, webhook_id=made.detail.row.id)
    assert [card.until is None for card in renewed.detail.secrets] == [True, False]
    for secret in (made.secret, renewed.secret):
        receive(member, token_of(made), incoming({"name": "Mia"}, x_webhook_secret=secret))
    clock.advance(hours=25)
    receive(member, token_of(made), incoming({"name": "Mia"}, x_webhook_secret=renewed.secret))
    with pytest.raises(webhooks.Refused, match="does not fit"):
        receive(member, token_of(made), incoming({"name": "Mia"}, x_webhook_secret=made.secret))


def test_a_replaced_secret_can_be_ended_at_once_but_never_the_newest(member: UnitOfWork) -> None:
    made = make_webhook(member, auth="secret")
    detail = webhooks.rotate_secret(member, webhook_id=made.detail.row.id).detail
    newest, old = detail.secrets
    left = webhooks.revoke_secret(member, webhook_id=made.detail.row.id, secret_id=old.id)
    assert [card.id for card in left.secrets] == [newest.id]
    assert len(webhooks.revoke_secret(member, webhook_id=made.detail.row.id, secret_id=newest.id).secrets) == 1


def test_there_is_no_secret_to_rotate_where_none_is_asked(member: UnitOfWork) -> None:
    with pytest.raises(Conflict, match="asks for no secret"):
        webhooks.rotate_secret(member, webhook_id=make_webhook(member).detail.row.id)


def test_a_new_address_ends_the_old_one(member: UnitOfWork) -> None:
    made = make_webhook(member)
    renewed = webhooks.rotate_address(member, webhook_id=made.detail.row.id)
    assert renewed.url != made.detail.url
    webhooks.find_target(member, token=renewed.url.rsplit("/", 1)[1])
    with pytest.raises(NoWebhook):
        webhooks.find_target(member, token=token_of(made))


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": ""}, "name", "must not be empty"),
        ({"name": "x" * 121}, "name", "too long"),
        ({"methods": []}, "methods", "Choose one or more"),
        ({"methods": ["POST", "TRACE"]}, "methods", "Choose one or more"),
        ({"auth": "jwt"}, "auth", "Choose one of"),
        ({"auth_header": "X Bad"}, "auth_header", "name of a header"),
        ({"auth_header": "Content-Length"}, "auth_header", "means something else"),
        ({"reply": "stream"}, "reply", "Choose one of"),
        ({"wait_s": 0}, "wait_s", "1 to 60"),
        ({"wait_s": "61"}, "wait_s", "1 to 60"),
        ({"max_bytes": 10**9}, "max_bytes", "1,000 to 1,000,000"),
        ({"rate_per_minute": True}, "rate_per_minute", "1 to 6,000"),
        ({"mapping": {"Bad Name": "x"}}, "mapping", "not the name of an input"),
        ({"mapping": {"name": "{{ body."}}, "mapping", "name:"),
        ({"mapping": {"name": 5}}, "mapping", "must be text"),
    ],
)
def test_wrong_settings_are_named_with_their_remedy(member: UnitOfWork, given: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_webhook(member, **given)
    assert words in refused.value.fields[field]


def test_all_problems_are_told_at_once(member: UnitOfWork) -> None:
    with pytest.raises(Invalid) as refused:
        make_webhook(member, name="", wait_s=0, methods=["X"])
    assert set(refused.value.fields) == {"name", "wait_s", "methods"}


def test_each_way_of_proof_has_a_header_of_its_own(member: UnitOfWork) -> None:
    assert make_webhook(member, auth="secret").detail.auth_header == "X-Webhook-Secret"
    assert make_webhook(member, auth="hmac").detail.auth_header == "X-Hub-Signature-256"
    made = make_webhook(member, auth="hmac", auth_header="X-Shopify-Hmac-Sha256")
    assert made.detail.auth_header == "X-Shopify-Hmac-Sha256"


def test_what_nobody_may_set_is_ignored(member: UnitOfWork) -> None:
    made = make_webhook(member, workspace_id="x", token_hash="y", runs_as="z", id="w", secrets=[])
    assert member.actor is not None
    assert stored(member, made).workspace_id == member.actor.workspace_id
    assert stored(member, made).runs_as == member.actor.user_id


def test_a_closed_webhook_is_told_apart_by_nobody_outside(member: UnitOfWork) -> None:
    workflow = make_workflow(member)
    paused, deleted, orphan, ownerless = (make_webhook(member, workflow if n != 2 else make_workflow(member)) for n in range(4))
    webhooks.pause_webhook(member, webhook_id=paused.detail.row.id, is_paused=True)
    webhooks.delete_webhook(member, webhook_id=deleted.detail.row.id)
    orphaned = member.load(Workflow, orphan.detail.row.workflow_id)
    orphaned.deleted_at = member.ports.clock.now()
    stored(member, ownerless).runs_as = None
    member.session.flush()
    messages = set[str]()
    for token in (*map(token_of, (paused, deleted, orphan, ownerless)), "x" * 43):
        with pytest.raises(NoWebhook) as refused:
            webhooks.find_target(member, token=token)
        messages.add(f"{refused.value.status} {refused.value.error_code} {refused.value.message} {refused.value.fields}")
    assert len(messages) == 1


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_a_webhook_of_somebody_who_left_or_may_no_longer_run_stops_until_it_is_taken_over(wiring: Wiring, role: Role | None) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        made = make_webhook(uow)
        membership = uow.session.exec(select(Membership).where(Membership.user_id == uow.actor.user_id)).one()
        if role is None:
            uow.session.delete(membership)
        else:
            membership.role = role
        uow.session.flush()
        with pytest.raises(NoWebhook):
            webhooks.find_target(uow, token=token_of(made))
        colleague = make_member(uow)
        uow.actor = replace(colleague, workspace_id=uow.actor.workspace_id)
        uow.session.add(Membership(workspace_id=uow.actor.workspace_id, user_id=colleague.user_id, role=Role.MEMBER))
        uow.session.flush()
        (row,) = webhooks.list_webhooks(uow).rows
        assert (row.state, "Take it over" in row.reason) == ("stopped", True)
        taken = webhooks.take_over_webhook(uow, webhook_id=made.detail.row.id)
        assert taken.row.state == "active"
        webhooks.find_target(uow, token=token_of(made))


def test_another_workspace_finds_nothing(member: UnitOfWork) -> None:
    made = make_webhook(member)
    member.actor = make_member(member)
    assert webhooks.list_webhooks(member).rows == ()
    with pytest.raises(NotFound):
        webhooks.get_webhook(member, webhook_id=made.detail.row.id)


def test_the_list_is_searched_by_its_own_and_the_workflow_s_name(member: UnitOfWork) -> None:
    make_webhook(member, make_workflow(member, name="Leads"), name="From the shop")
    make_webhook(member, make_workflow(member, name="Refunds"), name="From the bank")
    assert [row.name for row in webhooks.list_webhooks(member, search="shop").rows] == ["From the shop"]
    assert [row.name for row in webhooks.list_webhooks(member, search="REFUND").rows] == ["From the bank"]
    assert webhooks.list_webhooks(member, search="nothing").rows == ()
    assert webhooks.list_webhooks(member, search="nothing").total == 2


def test_with_another_installation_secret_the_address_cannot_be_shown_and_a_new_one_mends_it(member: UnitOfWork) -> None:
    made = make_webhook(member, auth="secret")
    member.ports = replace(member.ports, box=AesSecretBox(lambda: ["a new secret after a careless move"]))
    assert webhooks.get_webhook(member, webhook_id=made.detail.row.id).url == ""
    with pytest.raises(Exception, match="Make a new secret"):
        receive(member, token_of(made), incoming({"name": "Mia"}, x_webhook_secret=made.secret))
    assert webhooks.rotate_address(member, webhook_id=made.detail.row.id).url
    renewed = webhooks.rotate_secret(member, webhook_id=made.detail.row.id)
    receive(member, renewed.detail.url.rsplit("/", 1)[1], incoming({"name": "Mia"}, x_webhook_secret=renewed.secret))
