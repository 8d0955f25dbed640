"""What gets into the audit trail: every change of a followed table, by whom and from where, without secrets; refusals too."""

import json
import uuid
from base64 import b32decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlmodel import SQLModel, select

import models
from app.core.audit_tables import AUDITED, EXEMPT
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services import accounts, agents, members, sharing, workflows
from app.services.accounts import totp
from app.services.audit import list_entries, verify_chain
from app.services.budgets.editing import set_workspace_budget
from app.services.budgets.policies import set_policy
from app.services.credentials import delete_credential, note_trial, note_use, open_trial, update_credential
from app.views.audit import AuditRow
from app.wiring import Wiring
from models.audit import AuditEntry
from models.credential import Credential
from models.ids import new_id
from models.user import User
from models.workspace import Membership, Role, Workspace
from tests.support.credentials import SECRET, make_credential
from tests.support.people import make_member


@pytest.fixture
def owner(wiring: Wiring) -> Actor:
    """The owner of a fresh workspace, in a browser."""
    with wiring.unit() as uow:
        return replace(make_member(uow, Role.OWNER, name="Olga Owner"), via="browser", address="192.0.2.7")


def told(wiring: Wiring, owner: Actor, **filters: str) -> list[AuditRow]:
    with wiring.unit(write=False) as uow:
        uow.actor = owner
        return [
            row
            for row in list_entries(uow, filters=filters).rows
            if row.kind not in ("workspace", "member") and row.what != "Create account"
        ]


def test_every_table_is_followed_or_left_out_for_a_reason() -> None:
    tables = {row for row in vars(models).values() if isinstance(row, type) and issubclass(row, SQLModel) and hasattr(row, "__table__")}
    assert tables == set(AUDITED) | set(EXEMPT)
    assert not set(AUDITED) & set(EXEMPT)
    assert all(len(reason) > 10 for reason in EXEMPT.values())


def test_every_followed_column_exists() -> None:
    lost = {
        (row.__name__, name)
        for row, table in AUDITED.items()
        for name in (*table.columns, *table.hidden, *filter(None, (table.label, table.person)))
        if name not in row.__table__.c  # type: ignore[attr-defined]
    }
    assert not lost


def test_no_followed_column_holds_a_secret() -> None:
    for table in AUDITED.values():
        leaking = [name for name in table.columns if any(word in name for word in ("sealed", "hash", "secret", "token_", "password"))]
        assert not leaking, table.kind


def test_a_change_is_told_with_who_where_before_and_after(wiring: Wiring, owner: Actor) -> None:
    made = wiring.call(make_credential, owner, description="Sales")
    wiring.call(update_credential, owner, credential_id=made.id, settings={"description": "Billing", "secret": "another-secret-1"})
    changed, created = told(wiring, owner)
    assert (created.action, created.what, created.kind, created.name) == (
        "credentials.create_credential",
        "Create credential",
        "credential",
        "CRM",
    )
    assert (changed.actor_name, changed.actor_kind, changed.via, changed.address) == ("Olga Owner", "person", "browser", "192.0.2.7")
    assert changed.resource_id == str(made.id)
    assert changed.changes["description"] == ["Sales", "Billing"]
    assert changed.changes["version"] == [1, 2]
    assert changed.changes["sealed"] == ["(hidden)", "(hidden)"]
    assert changed.seq == created.seq + 1


def test_nothing_is_told_of_what_did_not_happen(wiring: Wiring, owner: Actor) -> None:
    made = wiring.call(make_credential, owner)
    before = len(told(wiring, owner))
    with pytest.raises(Conflict):
        wiring.call(delete_and_fail, owner, made.id)
    wiring.call(update_credential, owner, credential_id=made.id, settings={})
    assert len(told(wiring, owner)) == before


def delete_and_fail(uow: UnitOfWork, credential_id: uuid.UUID) -> None:
    delete_credential(uow, credential_id=credential_id)
    raise Conflict("and back")


def test_deleting_keeps_the_name(wiring: Wiring, owner: Actor) -> None:
    made = wiring.call(make_credential, owner)
    wiring.call(delete_credential, owner, credential_id=made.id)
    gone = told(wiring, owner)[0]
    assert (gone.action, gone.name, gone.changes["name"]) == ("credentials.delete_credential", "CRM", ["CRM", None])


def test_soft_deletes_of_agents_and_workflows_are_told(wiring: Wiring, owner: Actor) -> None:
    agent = wiring.call(agents.create_from_starter, owner, key="support_triage")
    wiring.call(agents.delete_agent, owner, agent_id=agent.id)
    assert [row.action for row in told(wiring, owner, kind="agent")] == ["agents.delete_agent", "agents.create_from_starter"]
    workflow = wiring.call(workflows.create_workflow, owner, name="Leads")
    wiring.call(workflows.delete_workflow, owner, workflow_id=workflow.id)
    assert told(wiring, owner, kind="workflow")[0].action == "workflows.delete_workflow"


def test_no_secret_gets_into_the_trail(wiring: Wiring, owner: Actor) -> None:
    made = wiring.call(make_credential, owner, description="Sales")
    wiring.call(update_credential, owner, credential_id=made.id, settings={"secret": "sk-live-0123456789abcdef"})
    with wiring.unit(write=False) as uow:
        rows = [row.model_dump(mode="json") for row in uow.session.exec(select(AuditEntry)).all()]
        sealed = [row.sealed for row in uow.session.exec(select(Credential)).all()]
    text = json.dumps(rows)
    assert rows
    assert "sk-live" not in text
    assert SECRET not in text
    assert not any(one in text for one in sealed)


def test_a_refusal_is_told(wiring: Wiring, owner: Actor) -> None:
    with pytest.raises(NotAllowed):
        wiring.call(make_credential, replace(owner, role=Role.VIEWER))
    refused = told(wiring, owner)[0]
    assert (refused.action, refused.outcome, refused.actor_name) == ("credentials.create_credential", "denied", "Olga Owner")
    assert "viewer" in refused.note


@pytest.mark.parametrize("is_foreign", [True, False], ids=["foreign", "absent"])
def test_asking_for_what_is_elsewhere_or_nowhere_is_told_alike(wiring: Wiring, owner: Actor, is_foreign: bool) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.OWNER)
        wanted = make_credential(uow).id if is_foreign else new_id()
    with pytest.raises(NotFound):
        wiring.call(delete_credential, owner, credential_id=wanted)
    refused = told(wiring, owner)[0]
    assert (refused.action, refused.outcome) == ("credentials.delete_credential", "denied")
    assert refused.note == "This credential does not exist, or you have no access to it."


def test_a_refusal_names_the_thing_that_was_kept_from_somebody(wiring: Wiring, owner: Actor) -> None:
    with wiring.unit() as uow:
        uow.actor = owner
        agent = agents.create_agent(uow, draft={"name": "Payroll clerk", "model": "demo/assistant"}).id
        sharing.change_sharing(uow, kind="agent", thing_id=agent, everyone="private")
        stranger = make_member(uow, workspace=uow.session.get(Workspace, owner.workspace_id), name="Carl Curious")
    with pytest.raises(NotFound):
        wiring.call(agents.get_agent, stranger, agent_id=agent)
    refused = told(wiring, owner, outcome="denied")[0]
    assert (refused.what, refused.kind, refused.name, refused.resource_id) == ("Look at agent", "agent", "Payroll clerk", str(agent))


def test_no_entry_is_without_a_word_for_what_was_done(wiring: Wiring, owner: Actor) -> None:
    setup = wiring.call(accounts.begin_totp, owner)
    code = totp.code_at(b32decode(setup.secret.replace(" ", "")), int(wiring.ports.clock.now().timestamp()) // 30)
    wiring.call(accounts.enable_totp, owner, code=code)
    with pytest.raises(NotFound):
        wiring.call(accounts.revoke_session, owner, session_id=new_id())
    words = [row.what for row in told(wiring, owner)]
    assert words == ["Sign out a session", "Turn on two-factor sign-in", "Turn on two-factor sign-in", "Set up two-factor sign-in"]


def test_a_flood_of_refusals_is_told_in_part(wiring: Wiring, owner: Actor) -> None:
    for _ in range(80):
        with pytest.raises(NotFound):
            wiring.call(delete_credential, owner, credential_id=new_id())
    with wiring.unit(write=False) as uow:
        uow.actor = owner
        assert list_entries(uow, filters={"outcome": "denied"}).total == 60


def test_a_use_by_a_run_is_told_as_such(wiring: Wiring, owner: Actor) -> None:
    made = wiring.call(make_credential, owner)
    run_id = new_id()
    wiring.call(note_use, None, workspace_id=owner.workspace_id, credential_id=made.id, run_id=run_id)
    used = told(wiring, owner)[0]
    assert (used.action, used.actor_kind, used.name) == ("credentials.use_credential", "run", "CRM")
    assert str(run_id) in used.note


def test_each_trial_of_a_credential_is_told_also_when_it_ends_as_the_one_before(wiring: Wiring, owner: Actor) -> None:
    made = wiring.call(make_credential, owner, test_url="https://api.example.com/me")
    for _ in range(2):
        wiring.call(open_trial, owner, credential_id=made.id)
        wiring.call(note_trial, owner, credential_id=made.id, is_good=True, message="Accepted.")
    used = told(wiring, owner, action="credentials.use_credential")
    assert [(row.name, row.note, row.actor_name) for row in used] == [("CRM", "to try it out", "Olga Owner")] * 2


def test_a_trial_that_cannot_be_sent_is_no_use(wiring: Wiring, owner: Actor) -> None:
    made = wiring.call(make_credential, owner)
    with pytest.raises(Invalid):
        wiring.call(open_trial, owner, credential_id=made.id)
    assert told(wiring, owner, action="credentials.use_credential") == []


def test_many_at_once_make_one_unbroken_chain(wiring: Wiring, owner: Actor) -> None:
    def write(number: int) -> None:
        wiring.call(make_credential, owner, name=f"Key {number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    with wiring.unit(write=False) as uow:
        verdict = verify_chain(uow, workspace_id=owner.workspace_id)
    assert verdict.problems == ()
    assert verdict.entries == verdict.last_seq
    assert len(told(wiring, owner, kind="credential")) == 40


def test_what_a_person_does_to_their_account_is_told_in_all_their_workspaces(wiring: Wiring, owner: Actor) -> None:
    with wiring.unit() as uow:
        elsewhere = Workspace(name="Elsewhere")
        uow.session.add(elsewhere)
        uow.session.flush()
        elsewhere_id = elsewhere.id
        uow.session.add(Membership(workspace_id=elsewhere_id, user_id=owner.user_id, role=Role.OWNER))
    wiring.call(accounts.rename_myself, owner, name="Olga Other")
    for workspace_id in (owner.workspace_id, elsewhere_id):
        changed = told(wiring, replace(owner, workspace_id=workspace_id), kind="account")[0]
        assert (changed.what, changed.address, changed.changes["name"]) == ("Change own name", "192.0.2.7", ["Olga Owner", "Olga Other"])


def test_a_refused_sign_in_is_told_without_saying_that_the_person_did_it(wiring: Wiring, owner: Actor) -> None:
    with wiring.unit(write=False) as uow:
        user = uow.session.get(User, owner.user_id)
        assert user is not None
        email = user.email
    for address in (email.upper(), "nobody@example.com", "x" * 400, "a\x00b@example.com"):
        wiring.call(accounts.note_refused_sign_in, None, email=address, address="198.51.100.9")
    (knock,) = told(wiring, owner, kind="account", outcome="denied")
    assert (knock.what, knock.actor_name, knock.actor_id, knock.name, knock.address) == ("Sign in", "", "", "Olga Owner", "198.51.100.9")


def test_what_statements_of_their_own_write_is_recorded(wiring: Wiring, owner: Actor) -> None:
    wiring.call(set_workspace_budget, owner, period="day", caps={"money": "5.00"})
    wiring.call(set_workspace_budget, owner, period="day", caps={"money": "7.50"})
    wiring.call(set_policy, owner, fallback_models=["demo/assistant"], rates={})
    policy, second, first = told(wiring, owner)
    assert (first.kind, first.name, first.changes["cap_micros"]) == ("budget", "workspace day", [None, 5_000_000])
    assert second.changes == {"cap_micros": [5_000_000, 7_500_000]}
    assert policy.changes["fallback_models"] == [[], ["demo/assistant"]]


def test_an_invitation_by_link_has_a_name_in_the_trail(wiring: Wiring, owner: Actor) -> None:
    wiring.call(members.invite_by_link, owner, role="member")
    assert told(wiring, owner, kind="invitation")[0].name == "anyone with the link"


def test_a_share_names_the_person_and_what_was_shared(wiring: Wiring, owner: Actor) -> None:
    with wiring.unit() as uow:
        uow.actor = owner
        agent = agents.create_agent(uow, draft={"name": "Payroll clerk", "model": "demo/assistant"}).id
        person = make_member(uow, workspace=uow.session.get(Workspace, owner.workspace_id), name="Carl Colleague")
    what = {"kind": "agent", "thing_id": agent, "user_id": str(person.user_id)}
    wiring.call(sharing.share_with, owner, **what, access="view")
    wiring.call(sharing.share_with, owner, **what, access="edit")
    wiring.call(sharing.unshare_with, owner, **what)
    entries = told(wiring, owner, kind="share")
    assert [(row.what, row.name, row.note) for row in entries] == [
        ("Unshare with", "Carl Colleague", "agent “Payroll clerk”"),
        ("Share with", "Carl Colleague", "agent “Payroll clerk”"),
        ("Share with", "Carl Colleague", "agent “Payroll clerk”"),
    ]
    assert entries[1].changes["access"] == ["view", "edit"]
