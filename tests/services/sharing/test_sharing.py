"""Whom agents and workflows are shared with: what each share lets somebody do, who decides about it, and what hangs on a thing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.sharing import decide
from app.core.uow import Actor, UnitOfWork
from app.services import agents, history, home, members, outgoing, runs, schedules, sharing, usage, webhooks, workflows
from app.services.rules import list_rules
from app.wiring import Wiring
from models.grant import Access, Sharing
from models.workflow import Workflow
from models.workspace import Membership, Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.endpoints import make_endpoint
from tests.support.hooks import make_webhook
from tests.support.people import make_member
from tests.support.rules import deliver, make_rule, rule_fires
from tests.support.schedules import fire, fires_of, make_schedule, stored
from tests.support.workflows import greeting, node, spec_of


class Team:
    """A workspace with somebody who makes things, a colleague, and others by role."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.maker = make_member(uow, name="Mara Maker")
        space = uow.session.get(Workspace, self.maker.workspace_id)
        self.colleague = make_member(uow, workspace=space, name="Carl Colleague")
        self.viewer = make_member(uow, Role.VIEWER, workspace=space, name="Vera Viewer")
        self.admin = make_member(uow, Role.ADMIN, workspace=space, name="Ada Admin")

    def by(self, actor: Actor) -> UnitOfWork:
        self.uow.actor = replace(actor)  # as another call
        return self.uow

    def workflow(self, everyone: str = "private") -> str:
        made = str(workflows.create_workflow(self.by(self.maker), name="Payroll", spec=greeting()).id)
        sharing.change_sharing(self.uow, kind="workflow", thing_id=made, everyone=everyone)
        return made

    def agent(self, everyone: str = "private") -> str:
        made = agents.create_agent(self.by(self.maker), draft={"name": "Payroll clerk", "model": "demo/assistant"}).id
        sharing.change_sharing(self.uow, kind="agent", thing_id=made, everyone=everyone)
        return made

    def share(self, kind: str, thing: str, person: Actor, access: str) -> None:
        sharing.share_with(self.by(self.maker), kind=kind, thing_id=thing, user_id=str(person.user_id), access=access)


@pytest.fixture
def team(uow: UnitOfWork) -> Team:
    return Team(uow)


def outcome(act: Callable[[], Any]) -> str:
    try:
        act()
    except NotFound:
        return "not found"
    except NotAllowed:
        return "not allowed"
    return "done"


def tries(uow: UnitOfWork, workflow: str) -> list[str]:
    """Looking, running, changing."""
    return [
        outcome(lambda: workflows.get_workflow(uow, workflow_id=workflow)),
        outcome(lambda: runs.start_run(uow, workflow_id=workflow, inputs={"name": "Mia"})),
        outcome(lambda: workflows.rename_workflow(uow, workflow_id=workflow, name="Renamed")),
    ]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("everyone", list(Sharing))
@pytest.mark.parametrize("granted", [None, *Access])
def test_the_rule_gives_the_highest_share_and_the_role_is_its_ceiling(role: Role, everyone: Sharing, granted: Access | None) -> None:
    found = decide(role=role, is_owner=False, sharing=everyone, granted=granted)
    ladder = [None, *Access]
    shares = [None if everyone is Sharing.PRIVATE else Access(everyone), granted]
    best = max(shares, key=ladder.index)
    if role in (Role.OWNER, Role.ADMIN):
        assert found is Access.EDIT
    elif role is Role.VIEWER:
        assert found is (Access.VIEW if best else None)
    else:
        assert found is best
    assert decide(role=role, is_owner=True, sharing=everyone, granted=granted) is (Access.VIEW if role is Role.VIEWER else Access.EDIT)


@pytest.mark.parametrize(
    ("everyone", "colleague", "viewer"),
    [
        ("private", ["not found"] * 3, ["not found", "not allowed", "not allowed"]),
        ("view", ["done", "not allowed", "not allowed"], ["done", "not allowed", "not allowed"]),
        ("run", ["done", "done", "not allowed"], ["done", "not allowed", "not allowed"]),
        ("edit", ["done"] * 3, ["done", "not allowed", "not allowed"]),
    ],
)
def test_what_everybody_may_do_is_what_the_owner_chose(team: Team, everyone: str, colleague: list[str], viewer: list[str]) -> None:
    workflow = team.workflow(everyone)
    assert tries(team.by(team.colleague), workflow) == colleague
    assert tries(team.by(team.viewer), workflow) == viewer
    assert tries(team.by(team.maker), workflow) == tries(team.by(team.admin), workflow) == ["done"] * 3


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ("view", ["done", "not allowed", "not allowed"]),
        ("run", ["done", "done", "not allowed"]),
        ("edit", ["done"] * 3),
    ],
)
def test_who_is_named_may_do_as_much_as_was_given_and_nothing_once_it_is_taken_back(team: Team, access: str, expected: list[str]) -> None:
    workflow = team.workflow()
    team.share("workflow", workflow, team.colleague, access)
    assert tries(team.by(team.colleague), workflow) == expected
    shown = workflows.get_workflow(team.by(team.colleague), workflow_id=workflow)
    assert (shown.can_run, shown.can_edit) == (expected[1] == "done", expected[2] == "done"), "the page offers what the service allows"
    sharing.unshare_with(team.by(team.maker), kind="workflow", thing_id=workflow, user_id=str(team.colleague.user_id))
    assert tries(team.by(team.colleague), workflow) == ["not found"] * 3


def test_a_private_thing_is_in_no_list_of_somebody_it_is_not_shared_with(team: Team) -> None:
    workflow, agent = team.workflow(), team.agent()
    run = runs.start_run(team.by(team.maker), workflow_id=workflow, inputs={"name": "Mia"})
    make_schedule(team.uow, workflow_id=workflow)
    make_rule(team.uow, workflow_id=workflow, mapping={"name": "Mia"})
    make_webhook(team.uow, team.uow.load(Workflow, run.workflow_id))

    def seen(actor: Actor) -> list[int]:
        uow = team.by(actor)
        frame = home.home_view(uow)
        return [
            workflows.list_workflows(uow, search="Payroll").total,
            agents.list_agents(uow).total,
            len(runs.list_runs(uow).rows),
            len(runs.list_runs(uow, search=str(run.id)).rows),
            len(schedules.list_schedules(uow).rows),
            len(list_rules(uow).rows),
            sum(entry.kind != "template" for entry in home.palette_entries(uow) if entry.label.startswith("Payroll")),
            len(frame.runs) + sum(one.label == "Payroll" for one in frame.workflows) + len(frame.agents),
            len(usage.list_usage(uow).workflows),
        ]

    assert all(count > 0 for count in seen(team.maker)[:-1])
    assert seen(team.colleague) == [0] * 9
    assert outcome(lambda: runs.get_run(team.by(team.colleague), run_id=run.id)) == "not found"
    assert outcome(lambda: runs.cancel_run(team.by(team.colleague), run_id=run.id)) == "not found"
    assert outcome(lambda: agents.get_agent(team.by(team.colleague), agent_id=agent)) == "not found"
    team.share("workflow", workflow, team.colleague, "view")
    assert outcome(lambda: runs.get_run(team.by(team.colleague), run_id=run.id)) == "done"
    assert outcome(lambda: runs.cancel_run(team.by(team.colleague), run_id=run.id)) == "not allowed"


def test_a_workflow_that_names_a_private_agent_runs_only_for_whom_the_agent_is_shared_with(team: Team) -> None:
    agent = team.agent()
    slug = agents.get_agent(team.uow, agent_id=agent).slug
    spec = spec_of(node("start", "start"), node("ask", "agent", agent=slug, message="Hello"), node("end", "end"), edges="start>ask ask>end")
    workflow = str(workflows.create_workflow(team.by(team.maker), name="Asks", spec=spec).id)
    assert sharing.get_sharing(team.uow, kind="workflow", thing_id=workflow).narrower == ("Payroll clerk",)
    with pytest.raises(Invalid):
        runs.start_run(team.by(team.colleague), workflow_id=workflow, inputs={})
    team.share("agent", agent, team.colleague, "run")
    assert runs.start_run(team.by(team.colleague), workflow_id=workflow, inputs={}).status == "queued"


def test_only_the_owner_and_admins_decide_whom_it_is_shared_with(team: Team) -> None:
    workflow = team.workflow("edit")
    for other in (team.colleague, team.viewer):
        with pytest.raises(NotAllowed):
            sharing.change_sharing(team.by(other), kind="workflow", thing_id=workflow, everyone="private")
        assert not sharing.get_sharing(team.uow, kind="workflow", thing_id=workflow).can_manage
    sharing.change_sharing(team.by(team.admin), kind="workflow", thing_id=workflow, everyone="private")
    assert outcome(lambda: sharing.get_sharing(team.by(team.colleague), kind="workflow", thing_id=workflow)) == "not found"


def test_nobody_of_another_workspace_can_be_named_or_given_a_thing(team: Team, uow: UnitOfWork) -> None:
    workflow, stranger = team.workflow(), make_member(uow)
    for act in (
        lambda: team.share("workflow", workflow, stranger, "edit"),
        lambda: sharing.change_sharing(team.by(team.maker), kind="workflow", thing_id=workflow, owner_id=str(stranger.user_id)),
        lambda: sharing.get_sharing(team.by(stranger), kind="workflow", thing_id=workflow),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_thing_that_is_given_away_stays_editable_for_whom_had_it(team: Team) -> None:
    workflow = team.workflow()
    given = sharing.change_sharing(team.uow, kind="workflow", thing_id=workflow, owner_id=str(team.colleague.user_id))
    assert (given.owner.name, [(one.name, one.access) for one in given.people]) == ("Carl Colleague", [("Mara Maker", "edit")])
    assert tries(team.by(team.maker), workflow) == ["done"] * 3
    assert not sharing.get_sharing(team.uow, kind="workflow", thing_id=workflow).can_manage
    with pytest.raises(Invalid, match="mend") as refused:
        sharing.change_sharing(team.by(team.colleague), kind="workflow", thing_id=workflow, owner_id=str(team.viewer.user_id))
    assert "viewer" in refused.value.fields["owner_id"]


def test_what_a_removed_member_owned_goes_to_the_heir_and_their_shares_end(team: Team) -> None:
    private, foreign = team.workflow(), team.agent()
    team.share("agent", foreign, team.colleague, "edit")
    sharing.change_sharing(team.by(team.maker), kind="workflow", thing_id=private, owner_id=str(team.colleague.user_id))
    sharing.unshare_with(team.by(team.colleague), kind="workflow", thing_id=private, user_id=str(team.maker.user_id))
    listed = {row.user_id: row.owns for row in members.list_members(team.by(team.admin)).rows}
    assert listed[str(team.colleague.user_id)] == 1
    moved = members.remove_member(team.uow, user_id=str(team.colleague.user_id), heir_id=str(team.maker.user_id))
    assert moved == 1
    assert tries(team.by(team.maker), private) == ["done"] * 3
    team.uow.session.add(Membership(workspace_id=team.maker.workspace_id, user_id=team.colleague.user_id, role=Role.MEMBER))
    team.uow.session.flush()
    assert outcome(lambda: agents.get_agent(team.by(team.colleague), agent_id=foreign)) == "not found", "an old share does not come back"


def test_a_copy_of_what_is_not_for_everybody_is_private_and_of_whom_copied_it(team: Team) -> None:
    workflow, agent = team.workflow("run"), team.agent("view")
    copy = workflows.duplicate_workflow(team.by(team.colleague), workflow_id=workflow)
    shared = sharing.get_sharing(team.uow, kind="workflow", thing_id=str(copy.id))
    assert (shared.everyone, shared.owner.name) == ("private", "Carl Colleague")
    twin = agents.duplicate_agent(team.uow, agent_id=agent)
    assert sharing.get_sharing(team.uow, kind="agent", thing_id=twin.id).everyone == "private"


def test_people_are_found_by_name_without_those_who_have_access_anyway(team: Team) -> None:
    workflow = team.workflow()
    found = sharing.find_people(team.uow, kind="workflow", thing_id=workflow)
    assert [person.name for person in found] == ["Carl Colleague", "Vera Viewer"]
    team.share("workflow", workflow, team.viewer, "edit")
    shared = sharing.get_sharing(team.uow, kind="workflow", thing_id=workflow)
    assert [(one.name, one.access, one.can) for one in shared.people] == [("Vera Viewer", "edit", "view")], "the role is the ceiling"
    assert [one.name for one in sharing.find_people(team.uow, kind="workflow", thing_id=workflow, search="COLL")] == ["Carl Colleague"]


@pytest.mark.parametrize(
    ("arguments", "field"), [({"everyone": "all"}, "everyone"), ({"everyone": ["edit"]}, "everyone"), ({"everyone": ""}, "everyone")]
)
def test_a_share_that_there_is_not_is_refused_with_those_there_are(team: Team, arguments: dict[str, Any], field: str) -> None:
    workflow = team.workflow()
    with pytest.raises(Invalid) as refused:
        sharing.change_sharing(team.uow, kind="workflow", thing_id=workflow, **arguments)
    assert refused.value.fields[field] == "Choose one of: private, view, run, edit."


def test_a_schedule_stops_when_its_workflow_is_not_shared_with_its_owner_any_more(team: Team, clock: FrozenClock) -> None:
    workflow = team.workflow("edit")
    row = make_schedule(team.by(team.colleague), workflow_id=workflow)
    sharing.change_sharing(team.by(team.maker), kind="workflow", thing_id=workflow, everyone="private")
    clock.advance(days=1)
    fire(team.uow, row)
    (found,) = fires_of(team.uow, row)
    assert (found.outcome, "not shared any more" in found.reason, stored(team.uow, row).is_enabled) == ("failed", True, False)


def test_rules_hear_nothing_of_workflows_that_are_not_shared_with_their_owner(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        team = Team(uow)
        workflow = team.workflow()
        team.by(team.colleague)
        make_rule(uow, kind="version_named", mapping={"note": "{{ event.workflow.name }}"})
        team.by(team.admin)
        make_rule(uow, name="Admin's", kind="version_named", mapping={"note": "{{ event.workflow.name }}"})
    with wiring.unit() as uow:
        uow.actor = team.maker
        history.name_version(uow, workflow_id=workflow, version_id="draft", name="First")
    assert deliver(wiring) == 1
    assert [row.outcome for row in rule_fires(wiring, team.admin)] == ["started"]


def test_webhooks_are_listed_and_counted_as_far_as_they_are_shared(team: Team) -> None:
    workflow = team.workflow()
    row = team.uow.load(Workflow, workflows.get_workflow(team.uow, workflow_id=workflow).id)
    make_webhook(team.uow, row)
    other = webhooks.list_webhooks(team.by(team.colleague))
    assert (other.rows, other.total) == ((), 0)
    mine = webhooks.list_webhooks(team.by(team.maker), workflow_id=workflow)
    assert (len(mine.rows), mine.total) == (1, 1)


def test_what_endpoints_heard_of_a_private_workflow_is_in_no_log_of_a_colleague(team: Team) -> None:
    workflow = team.workflow()
    endpoint = make_endpoint(team.by(team.maker), workflow_ids=[workflow]).detail.row.id
    history.name_version(team.by(team.maker), workflow_id=workflow, version_id="draft", name="First")
    (told,) = outgoing.list_messages(team.uow, endpoint_id=endpoint).rows
    assert outgoing.list_messages(team.by(team.colleague), endpoint_id=endpoint).rows == ()
    assert outcome(lambda: outgoing.get_message(team.by(team.colleague), message_id=told.id)) == "not found"
    team.share("workflow", workflow, team.colleague, "view")
    assert "Payroll" in str(outgoing.get_message(team.by(team.colleague), message_id=told.id))


def test_who_may_run_is_told_that_its_agent_is_not_shared_and_whom_to_ask_and_of_no_other_agent(team: Team) -> None:
    team.agent("edit")
    hidden = agents.create_agent(team.by(team.maker), draft={"name": "Reply writer", "model": "demo/assistant"})
    spec = spec_of(node("s", "start"), node("a", "agent", agent=hidden.slug, message="Write."), node("e", "end"), edges="s>a a>e")
    made = str(workflows.create_workflow(team.uow, name="Replies", spec=spec).id)
    sharing.change_sharing(team.uow, kind="agent", thing_id=hidden.id, everyone="private")
    sharing.change_sharing(team.uow, kind="workflow", thing_id=made, everyone="run")
    assert not [one for one in workflows.check_workflow(team.uow, workflow_id=made) if one.code == "unknown_agent"]
    uow = team.by(team.colleague)
    (found,) = [one for one in workflows.check_workflow(uow, workflow_id=made) if one.code == "unknown_agent"]
    with pytest.raises(Invalid) as refused:
        runs.start_run(uow, workflow_id=made, inputs={})
    for told in (str(found), str(refused.value.fields)):
        assert f"The agent '{hidden.slug}' is not shared with you, or does not exist. Ask whoever shared this workflow with you" in told
        assert "payroll" not in told.lower()


def replies(team: Team, *, everyone: str = "private") -> tuple[str, str]:
    """A workflow and its agent, both the maker's and private."""
    agent = team.agent()
    spec = spec_of(node("s", "start"), node("a", "agent", agent="payroll_clerk", message="Write."), node("e", "end"), edges="s>a a>e")
    made = str(workflows.create_workflow(team.by(team.maker), name="Replies", spec=spec).id)
    sharing.change_sharing(team.uow, kind="workflow", thing_id=made, everyone=everyone)
    return made, agent


def test_what_a_workflow_needs_is_shared_with_the_same_people_in_one_step(team: Team) -> None:
    made, agent = replies(team)
    assert sharing.get_sharing(team.by(team.maker), kind="workflow", thing_id=made).lacking == ()
    team.share("workflow", made, team.colleague, "edit")
    team.share("workflow", made, team.viewer, "run")  # a viewer runs nothing, and lacks nothing
    seen = sharing.get_sharing(team.by(team.maker), kind="workflow", thing_id=made)
    assert (seen.lacking, seen.can_share_lacking) == (("Payroll clerk",), True)
    seen = sharing.change_sharing(team.uow, kind="workflow", thing_id=made, needed=True)
    assert (seen.lacking, seen.everyone) == ((), "private")
    people = sharing.get_sharing(team.uow, kind="agent", thing_id=agent).people
    assert [(one.name, one.access) for one in people] == [("Carl Colleague", "run")]
    assert not [one for one in workflows.check_workflow(team.by(team.colleague), workflow_id=made) if one.code == "unknown_agent"]


def test_what_a_workflow_for_everybody_needs_is_opened_to_run_and_no_further(team: Team) -> None:
    made, agent = replies(team, everyone="edit")
    assert sharing.change_sharing(team.by(team.maker), kind="workflow", thing_id=made, needed=True).lacking == ()
    assert sharing.get_sharing(team.uow, kind="agent", thing_id=agent).everyone == "run"


def test_only_who_decides_about_an_agent_shares_it_along(team: Team) -> None:
    made, agent = replies(team)
    team.share("agent", agent, team.colleague, "edit")
    sharing.change_sharing(team.by(team.maker), kind="workflow", thing_id=made, owner_id=str(team.colleague.user_id))
    other = make_member(team.uow, workspace=team.uow.session.get(Workspace, team.maker.workspace_id), name="Otto Other")
    sharing.share_with(team.by(team.colleague), kind="workflow", thing_id=made, user_id=str(other.user_id), access="run")
    seen = sharing.change_sharing(team.uow, kind="workflow", thing_id=made, needed=True)
    assert (seen.lacking, seen.can_share_lacking) == (("Payroll clerk",), False)
