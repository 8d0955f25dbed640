"""The home page follows what really happened in this workspace and no other."""

from dataclasses import replace
from datetime import timedelta

from app.core.uow import Actor, UnitOfWork
from app.services.home import getting_started, home_view, palette_entries, shell_view
from app.services.templates import create_from_template
from app.views.home import PaletteEntry
from models.agent import Agent
from models.conversation import Conversation
from models.endpoint import WebhookEndpoint
from models.run import Approval, Plan, Run, RunStatus
from models.workflow import Workflow
from models.workspace import Role
from tests.support.endpoints import make_endpoint
from tests.support.people import make_member


def add_run(uow: UnitOfWork, actor: Actor, *, status: str = RunStatus.SUCCEEDED, title: str = "Triage") -> Run:
    plan = Plan(workspace_id=actor.workspace_id, digest=title[:64], content={})
    uow.session.add(plan)
    uow.session.flush()
    run = Run(workspace_id=actor.workspace_id, plan_id=plan.id, inputs={}, status=status, title=title)
    uow.session.add(run)
    uow.session.flush()
    return run


def fill(uow: UnitOfWork, actor: Actor) -> None:
    uow.session.add(Workflow(workspace_id=actor.workspace_id, name="Triage", draft={"nodes": [{"id": "start"}]}))
    uow.session.add(Agent(workspace_id=actor.workspace_id, slug="triage", name="Triage agent", model="demo/echo"))
    run = add_run(uow, actor, status=RunStatus.WAITING)
    uow.session.add(Approval(workspace_id=actor.workspace_id, run_id=run.id, node="approve", title="Refund $80?", request={}))
    uow.session.flush()


def steps_done(uow: UnitOfWork) -> set[str]:
    return {item.key for item in getting_started(uow) if item.is_done}


def test_a_new_workspace_has_everything_ahead(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    view = home_view(uow)
    assert (view.runs, view.workflows, view.agents, view.approvals) == ((), (), (), ())
    assert steps_done(uow) == set()


def test_each_step_is_ticked_by_the_deed_itself(uow: UnitOfWork) -> None:
    uow.actor = actor = make_member(uow)
    fill(uow, actor)
    assert steps_done(uow) == {"workflow", "run", "agent"}
    uow.session.add(Conversation(workspace_id=actor.workspace_id, user_id=actor.user_id))
    approval = uow.session.exec(uow.scoped(Approval)).one()
    approval.status = "decided"
    uow.session.flush()
    assert steps_done(uow) == {"workflow", "run", "agent", "chat", "approval"}


def test_agents_of_a_template_tick_nothing_until_somebody_shapes_one(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    create_from_template(uow, key="customer_triage")
    assert steps_done(uow) == {"workflow"}
    agent = uow.session.exec(uow.scoped(Agent)).first()
    assert agent is not None
    agent.version = 2
    uow.session.flush()
    assert steps_done(uow) == {"workflow", "agent"}


def test_work_and_waiting_of_a_run_are_told_apart(uow: UnitOfWork) -> None:
    uow.actor = actor = make_member(uow)
    run = add_run(uow, actor)
    run.started_at = uow.ports.clock.now()
    run.finished_at, run.waited_ms = run.started_at + timedelta(minutes=3, seconds=2), 180_000.0
    uow.session.flush()
    assert home_view(uow).runs[0].note == "2.0 s + 3 min waiting"


def test_the_lists_show_what_is_new_and_what_waits(uow: UnitOfWork) -> None:
    uow.actor = actor = make_member(uow)
    fill(uow, actor)
    view = home_view(uow)
    assert [(run.title, run.status) for run in view.runs] == [("Triage", "waiting")]
    assert [(item.title, item.run_title, item.href) for item in view.approvals] == [("Refund $80?", "Triage", "/approvals")]
    assert [(item.label, item.note) for item in view.workflows] == [("Triage", "1 step")]
    assert [item.label for item in view.agents] == ["Triage agent"]


def own(entries: list[PaletteEntry]) -> list[PaletteEntry]:
    """Without the templates, which everybody has."""
    return [entry for entry in entries if entry.kind != "template"]


def test_nothing_of_another_workspace_shows(uow: UnitOfWork) -> None:
    fill(uow, make_member(uow))
    uow.actor = make_member(uow)
    view = home_view(uow)
    assert (view.runs, view.workflows, view.agents, view.approvals) == ((), (), (), ())
    assert own(palette_entries(uow)) == []
    assert shell_view(uow).pending_approvals == 0
    assert steps_done(uow) == set()


def test_deleted_things_are_found_no_more(uow: UnitOfWork) -> None:
    uow.actor = actor = make_member(uow)
    fill(uow, actor)
    assert {entry.kind for entry in palette_entries(uow)} == {"workflow", "agent", "template"}
    for row in (*uow.session.exec(uow.scoped(Workflow)), *uow.session.exec(uow.scoped(Agent))):
        row.deleted_at = uow.ports.clock.now()
    uow.session.flush()
    assert own(palette_entries(uow)) == []


def test_templates_are_found_by_the_palette(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    found = {entry.label: entry.href for entry in palette_entries(uow)}
    assert found["Customer question triage"] == "/templates?search=Customer%20question%20triage"


def test_the_frame_knows_person_workspace_and_count(uow: UnitOfWork) -> None:
    uow.actor = actor = make_member(uow, Role.ADMIN, name="Mia Member")
    fill(uow, actor)
    view = shell_view(uow)
    assert (view.me.name, view.me.initials) == ("Mia Member", "MM")
    assert (view.workspace.name, view.workspace.role, view.workspace.is_current) == ("Acme", "admin", True)
    assert view.pending_approvals == 1


def test_what_waits_is_told_to_those_who_may_decide_it(uow: UnitOfWork) -> None:
    uow.actor = actor = make_member(uow, Role.MEMBER)
    fill(uow, actor)
    assert (shell_view(uow).pending_approvals, len(home_view(uow).approvals)) == (1, 1)
    uow.actor = replace(actor, role=Role.VIEWER)
    assert (shell_view(uow).pending_approvals, home_view(uow).approvals) == (0, ())


def test_a_disabled_endpoint_is_told_until_somebody_looks(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    row = uow.load(WebhookEndpoint, make_endpoint(uow).detail.row.id)
    assert home_view(uow).notices == ()
    row.state, row.reason = "disabled", "All 20 attempts failed."
    uow.session.flush()
    (notice,) = home_view(uow).notices
    assert (notice.text, notice.href) == ("All 20 attempts failed.", f"/triggers/outgoing/{row.id}")
    uow.actor = make_member(uow)
    assert home_view(uow).notices == ()


def test_who_may_only_look_is_offered_nothing_to_make(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.VIEWER)
    assert not shell_view(uow).can_edit
    assert home_view(uow).checklist == ()
    assert not any(entry.kind == "template" for entry in palette_entries(uow))
    uow.actor = make_member(uow)
    assert shell_view(uow).can_edit
    assert any(entry.kind == "template" for entry in palette_entries(uow))
