"""What a workspace is connected to: read from where each is managed, and no more than each member may see there."""

from datetime import UTC, datetime

import pytest

from app.core.errors import NotSignedIn
from app.core.uow import UnitOfWork
from app.services.connections import list_connections
from app.services.outgoing import create_endpoint
from models.sign_in import WorkspaceIdentity, WorkspaceSignIn
from models.workspace import Role, Workspace
from tests.support.credentials import make_credential
from tests.support.market import make_payout_account
from tests.support.people import make_member

USED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def connect(uow: UnitOfWork) -> Workspace:
    """A workspace with one connection of each kind; the unit of work acts for its owner."""
    owner = make_member(uow, Role.OWNER)
    uow.actor = owner
    make_credential(uow, name="crm", kind="bearer", secret="token-1234567890", hosts=["api.crm.example"])
    make_credential(uow, name="openai", kind="model", provider="openai", secret="sk-canary-1234567890", hosts=[])
    create_endpoint(uow, settings={"name": "Warehouse", "url": "https://hooks.warehouse.example/in?key=abc", "events": ["run.succeeded"]})
    row = WorkspaceSignIn(
        workspace_id=owner.workspace_id, name="Acme", issuer="https://login.acme.example", client_id="x", sealed="x", default_role="member"
    )
    uow.session.add(row)
    uow.session.flush()
    came = WorkspaceIdentity(workspace_id=owner.workspace_id, sign_in_id=row.id, user_id=owner.user_id, subject="1", last_used_at=USED)
    uow.session.add(came)
    make_payout_account(uow, owner.workspace_id)
    found = uow.session.get(Workspace, owner.workspace_id)
    assert found is not None
    return found


def test_an_owner_sees_every_kind_with_its_state_and_where_it_is_managed(uow: UnitOfWork) -> None:
    connect(uow)
    told = [(row.kind, row.name, row.detail, row.state, row.last_used_at) for row in list_connections(uow).rows]
    assert told == [
        ("model", "openai", "OpenAI", "untested", None),
        ("credential", "crm", "api.crm.example", "untested", None),
        ("webhook", "Warehouse", "hooks.warehouse.example", "untested", None),
        ("sign_in", "Acme", "login.acme.example", "untested", USED),
        ("payouts", "Payouts", "Test payments", "ok", None),
    ]
    assert all(row.href.startswith("/") for row in list_connections(uow).rows)


def test_a_viewer_sees_what_is_no_business_of_owners_alone(uow: UnitOfWork) -> None:
    workspace = connect(uow)
    uow.actor = make_member(uow, Role.VIEWER, workspace=workspace)
    page = list_connections(uow)
    assert ([row.kind for row in page.rows], page.is_partial) == (["model", "credential", "webhook"], True)
    assert "abc" not in str(page)
    assert "canary" not in str(page)


def test_another_workspace_sees_none_of_it(uow: UnitOfWork) -> None:
    connect(uow)
    uow.actor = make_member(uow, Role.OWNER)
    assert (list_connections(uow).rows, list_connections(uow).total) == ((), 0)


def test_a_search_looks_in_names_and_addresses(uow: UnitOfWork) -> None:
    connect(uow)
    page = list_connections(uow, search="ACME")
    assert ([row.name for row in page.rows], page.total) == (["Acme"], 5)
    assert [row.name for row in list_connections(uow, search="crm.example").rows] == ["crm"]
    assert list_connections(uow, search="nothing like it").rows == ()


def test_what_fails_is_told_with_its_reason(uow: UnitOfWork) -> None:
    connect(uow)
    first = next(row for row in list_connections(uow).rows if row.kind == "sign_in")
    row = uow.session.exec(uow.scoped(WorkspaceSignIn)).one()
    row.test_ok, row.test_message = False, "The issuer does not answer."
    uow.session.add(row)
    uow.session.flush()
    failing = next(row for row in list_connections(uow).rows if row.kind == "sign_in")
    assert (first.state, failing.state, failing.note) == ("untested", "failing", "The issuer does not answer.")
    row.is_enabled = False
    uow.session.flush()
    assert next((one.state, one.note) for one in list_connections(uow).rows if one.kind == "sign_in") == ("off", "")


def test_nobody_without_a_session_sees_anything(uow: UnitOfWork) -> None:
    uow.actor = None
    with pytest.raises(NotSignedIn):
        list_connections(uow)
