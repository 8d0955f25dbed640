"""Credentials: what is kept, what is shown, who may, and what each refusal says."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.adapters.secret_box import AesSecretBox
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.ports import SealBroken
from app.core.uow import UnitOfWork
from app.services.credentials import (
    create_credential,
    delete_credential,
    get_credential,
    list_credential_choices,
    list_credentials,
    update_credential,
)
from app.services.credentials.rows import open_secret
from models.credential import Credential
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.credentials import SECRET, credential_fields, make_credential
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def admin(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work of an admin."""
    uow.actor = make_member(uow, Role.ADMIN)
    return uow


def row_of(uow: UnitOfWork, view: Any) -> Credential:
    return uow.load(Credential, view.id)


def test_the_secret_is_kept_sealed_and_only_its_end_is_shown(admin: UnitOfWork) -> None:
    made = make_credential(admin)
    assert made.last_four == SECRET[-4:]
    kept = admin.session.connection().execute(sa.text("select * from credential")).mappings().one()
    assert SECRET not in json.dumps(dict(kept), default=str)
    assert SECRET not in repr((list_credentials(admin), get_credential(admin, credential_id=made.id)))
    assert open_secret(admin.ports.box, row_of(admin, made)) == {"type": "bearer", "token": SECRET}


def test_a_short_secret_shows_nothing_of_itself(admin: UnitOfWork) -> None:
    assert make_credential(admin, secret="hunter2").last_four == ""


@pytest.mark.parametrize("moved", ["workspace", "row", "version"])
def test_a_sealed_secret_opens_nowhere_but_in_its_own_place(admin: UnitOfWork, moved: str) -> None:
    one, other = (row_of(admin, make_credential(admin, name=name)) for name in ("One", "Other"))
    if moved == "row":
        one.sealed = other.sealed
    elif moved == "version":
        one.version += 1
    else:
        one.workspace_id = make_member(admin).workspace_id
    with admin.session.no_autoflush, pytest.raises(SealBroken):
        open_secret(admin.ports.box, one)


def test_a_new_secret_replaces_the_one_before_and_everything_else_stays(admin: UnitOfWork, clock: FrozenClock) -> None:
    made = make_credential(admin, description="Sales")
    old = row_of(admin, made).sealed
    clock.advance(seconds=60)
    changed = update_credential(admin, credential_id=made.id, settings={"secret": "another-secret-1234"})
    assert (changed.version, changed.last_four, changed.description) == (2, "1234", "Sales")
    assert changed.changed_at == clock.now()
    row = row_of(admin, made)
    assert open_secret(admin.ports.box, row)["token"] == "another-secret-1234"
    row.sealed = old
    with pytest.raises(SealBroken):
        open_secret(admin.ports.box, row)


def test_settings_change_without_the_secret(admin: UnitOfWork) -> None:
    made = make_credential(admin)
    changed = update_credential(admin, credential_id=made.id, settings={"hosts": ["API.example.com", "b.example.com:8443"], "secret": ""})
    assert changed.hosts == ("api.example.com", "b.example.com:8443")
    assert changed.version == 1
    assert open_secret(admin.ports.box, row_of(admin, made))["token"] == SECRET


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("name", {"name": ""}),
    ("name", {"name": "{{ secrets.x }}"}),
    ("name", {"name": "a" * 61}),
    ("hosts", {"hosts": []}),
    ("hosts", {"hosts": ["*"]}),
    ("hosts", {"hosts": ["api.example.com/v1"]}),
    ("hosts", {"hosts": "api.example.com"}),
    ("secret", {"secret": ""}),
    ("secret", {"secret": "two\nlines"}),
    ("secret", {"secret": "a" * 8001}),
    ("secret", {"secret": 7}),
    ("public_name", {"kind": "header", "public_name": "Host"}),
    ("public_name", {"kind": "header", "public_name": "X Y"}),
    ("public_name", {"kind": "basic", "public_name": ""}),
    ("public_name", {"kind": "basic", "public_name": "a:b"}),
    ("provider", {"kind": "model", "provider": "nobody"}),
    ("test_url", {"test_url": "https://elsewhere.example.com/"}),
    ("test_url", {"test_url": "http://169.254.169.254/latest", "hosts": ["http://169.254.169.254"]}),
    ("expires_at", {"expires_at": "yesterday"}),
    ("expires_at", {"expires_at": "2001-01-01"}),
    ("kind", {"kind": "python"}),
    ("description", {"description": f"The key is {SECRET}."}),
    ("test_url", {"test_url": f"https://api.example.com/?key={SECRET}"}),
]


@pytest.mark.parametrize(("field", "given"), WRONG)
def test_each_wrong_setting_is_named_and_nothing_is_kept(admin: UnitOfWork, field: str, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        create_credential(admin, settings=credential_fields(**given))
    assert list(refused.value.fields) == [field]
    assert list_credentials(admin).total == 0


def test_all_wrong_settings_are_told_at_once(admin: UnitOfWork) -> None:
    with pytest.raises(Invalid) as refused:
        create_credential(admin, settings={"kind": "bearer"})
    assert set(refused.value.fields) == {"name", "hosts", "secret"}


def test_names_are_unique_whatever_their_case_but_only_within_a_workspace(admin: UnitOfWork) -> None:
    make_credential(admin, name="Stripe live")
    with pytest.raises(Invalid, match="already"):
        make_credential(admin, name="stripe LIVE")
    admin.actor = make_member(admin, Role.OWNER)
    make_credential(admin, name="Stripe live")


def test_a_workspace_has_one_key_per_provider(admin: UnitOfWork) -> None:
    make_credential(admin, name="a", kind="model", provider="openai")
    make_credential(admin, name="b", kind="model", provider="anthropic")
    with pytest.raises(Conflict, match="OpenAI already"):
        make_credential(admin, name="c", kind="model", provider="openai")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_members_and_viewers_use_credentials_by_name_and_manage_none(uow: UnitOfWork, role: Role) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    made = make_credential(uow)
    uow.actor = replace(uow.actor, role=role)
    page = list_credentials(uow)
    assert [row.name for row in page.rows] == ["CRM"]
    assert (page.can_manage, page.rows[0].last_four) == (False, "")
    assert [choice.name for choice in list_credential_choices(uow)] == ["CRM"]
    for service, arguments in (
        (create_credential, {"settings": credential_fields(name="New")}),
        (update_credential, {"credential_id": made.id, "settings": {}}),
        (delete_credential, {"credential_id": made.id}),
    ):
        with pytest.raises(NotAllowed):
            service(uow, **arguments)


def test_deleting_tells_who_uses_it_and_wants_to_be_sure(admin: UnitOfWork) -> None:
    made = make_credential(admin)
    call = node("call", "http", url="https://api.example.com/x", credential="CRM", label="Read leads")
    make_workflow(admin, spec_of(node("start", "start"), call, edges="start>call"), name="Leads")
    assert [(user.kind, user.name, user.place) for user in get_credential(admin, credential_id=made.id).users] == [
        ("workflow", "Leads", "Read leads")
    ]
    with pytest.raises(Conflict, match="'Leads'"):
        delete_credential(admin, credential_id=made.id)
    delete_credential(admin, credential_id=made.id, even_if_used=True)
    assert admin.session.connection().execute(sa.select(sa.func.count()).select_from(sa.table("credential"))).scalar() == 0


def test_a_credential_in_use_keeps_its_name(admin: UnitOfWork) -> None:
    made = make_credential(admin)
    make_workflow(admin, spec_of(node("start", "start"), node("call", "http", credential="CRM"), edges="start>call"), name="Leads")
    with pytest.raises(Conflict, match="'Leads'"):
        update_credential(admin, credential_id=made.id, settings={"name": "Sales"})
    assert update_credential(admin, credential_id=made.id, settings={"description": "Sales"}).description == "Sales"


def test_states_tell_what_is_wrong(admin: UnitOfWork, clock: FrozenClock) -> None:
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    made = make_credential(admin, expires_at=tomorrow)
    assert made.state == "untested"
    clock.advance(days=2)
    assert get_credential(admin, credential_id=made.id).row.state == "expired"
    admin.ports = replace(admin.ports, box=AesSecretBox(lambda: ["a new secret after a careless move"]))
    assert get_credential(admin, credential_id=made.id).row.state == "locked"


def test_search_looks_at_names_hosts_and_descriptions(admin: UnitOfWork) -> None:
    make_credential(admin, name="One", description="Sales team")
    make_credential(admin, name="Two", hosts=["billing.example.org"])
    assert [row.name for row in list_credentials(admin, search="sales").rows] == ["One"]
    assert [row.name for row in list_credentials(admin, search="billing").rows] == ["Two"]
    assert list_credentials(admin, search="nothing").rows == ()
