"""Agents: saving makes versions, stale saves are refused with both sides' changes, and nobody reaches another workspace's."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from app.core.uow import UnitOfWork
from app.services import agents
from models.workflow import Workflow
from models.workspace import Role
from tests.support.people import make_member

DRAFT: dict[str, Any] = {"name": "Support triage", "role": "Sorts mail", "instructions": "Be kind.", "model": "demo/assistant"}


def draft(**changes: Any) -> dict[str, Any]:
    return {**DRAFT, **changes}


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work whose actor is a member."""
    uow.actor = make_member(uow)
    return uow


def test_a_created_agent_opens_with_what_was_saved(member: UnitOfWork) -> None:
    created = agents.create_agent(member, draft=draft(temperature=0.7, tools=["calculator"]))
    opened = agents.get_agent(member, agent_id=created.id)
    assert opened == created
    assert (opened.slug, opened.version, opened.saved_by) == ("support_triage", 1, "Mia Member")
    assert (opened.spec["temperature"], opened.spec["tools"]) == (0.7, ["calculator"])


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Süd: Größe!", "sud_groe"), ("24/7 Help", "agent_24_7_help"), ("日本語", "agent"), ("  A  b ", "a_b")],
)
def test_slugs_are_readable(member: UnitOfWork, name: str, slug: str) -> None:
    assert agents.create_agent(member, draft=draft(name=name)).slug == slug


def test_slugs_stay_unique_and_renaming_keeps_them(member: UnitOfWork) -> None:
    first, second, third = (agents.create_agent(member, draft=DRAFT) for _ in range(3))
    assert [first.slug, second.slug, third.slug] == ["support_triage", "support_triage_2", "support_triage_3"]
    agents.delete_agent(member, agent_id=second.id)
    assert agents.create_agent(member, draft=DRAFT).slug == "support_triage_4", "a deleted agent keeps its slug"
    renamed = agents.save_agent(member, agent_id=first.id, base_version=1, draft=draft(name="Other"))
    assert (renamed.name, renamed.slug) == ("Other", "support_triage")


def test_the_same_slug_may_exist_in_two_workspaces(member: UnitOfWork) -> None:
    agents.create_agent(member, draft=DRAFT)
    member.actor = make_member(member)
    assert agents.create_agent(member, draft=DRAFT).slug == "support_triage"


def test_a_save_is_a_version_and_an_unchanged_one_is_none(member: UnitOfWork) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    saved = agents.save_agent(member, agent_id=made.id, base_version=1, draft=draft(instructions="Be brief."))
    assert saved.version == 2
    again = agents.save_agent(member, agent_id=made.id, base_version=1, draft=draft(instructions="Be brief.", name=" Support  triage "))
    assert again.version == 2
    rows = agents.list_agent_versions(member, agent_id=made.id)
    assert [(row.number, row.changes, row.is_current) for row in rows] == [(2, ("Instructions",), True), (1, (), False)]


def test_a_stale_save_tells_both_sides_changes_and_writes_nothing(member: UnitOfWork) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    agents.save_agent(member, agent_id=made.id, base_version=1, draft=draft(instructions="Theirs.", temperature=1.0))
    with pytest.raises(agents.StaleAgentSave) as refused:
        agents.save_agent(member, agent_id=made.id, base_version=1, draft=draft(instructions="Mine.", role="Mine"))
    conflict = refused.value.conflict
    assert {change.field: (change.is_clash, change.theirs, change.yours) for change in conflict.changes} == {
        "instructions": (True, "Theirs.", "Mine."),
        "temperature": (False, 1.0, 0.3),
        "role": (False, "Sorts mail", "Mine"),
    }
    assert refused.value.fields.keys() == {"instructions"}
    assert (conflict.current_version, conflict.saved_by) == (2, "Mia Member")
    assert "Instructions" in refused.value.message
    assert agents.get_agent(member, agent_id=made.id).version == 2


def test_the_merge_of_a_stale_save_can_be_saved(member: UnitOfWork) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    agents.save_agent(member, agent_id=made.id, base_version=1, draft=draft(temperature=1.0))
    with pytest.raises(agents.StaleAgentSave) as refused:
        agents.save_agent(member, agent_id=made.id, base_version=1, draft=draft(role="Mine", limits={"max_steps": 3}))
    conflict = refused.value.conflict
    assert not any(change.is_clash for change in conflict.changes)
    saved = agents.save_agent(member, agent_id=made.id, base_version=conflict.current_version, draft=conflict.merged)
    assert (saved.spec["role"], saved.spec["temperature"], saved.spec["limits"]["max_steps"]) == ("Mine", 1.0, 3)


@pytest.mark.parametrize("base", [0, 2, -1, True, "1", None, 1.0])
def test_an_unknown_base_version_is_refused(member: UnitOfWork, base: object) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    with pytest.raises(Invalid, match="Reload the page"):
        agents.save_agent(member, agent_id=made.id, base_version=base, draft=draft(name="X"))


def test_restoring_an_old_version_makes_a_new_one(member: UnitOfWork) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    agents.save_agent(member, agent_id=made.id, base_version=1, draft=draft(instructions="Second."))
    restored = agents.restore_agent_version(member, agent_id=made.id, number=1, base_version=2)
    assert (restored.version, restored.spec["instructions"]) == (3, "Be kind.")
    assert agents.get_agent_version(member, agent_id=made.id, number=2).spec["instructions"] == "Second."
    with pytest.raises(agents.StaleAgentSave):
        agents.restore_agent_version(member, agent_id=made.id, number=1, base_version=2)


def test_duplicates_get_a_name_of_their_own(member: UnitOfWork) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    names = [agents.duplicate_agent(member, agent_id=made.id).name for _ in range(3)]
    assert names == ["Support triage (copy)", "Support triage (copy 2)", "Support triage (copy 3)"]


def _workflow(uow: UnitOfWork, name: str, slug: str) -> Workflow:
    nodes = [
        {"id": "answer", "kind": "agent", "config": {"agent": slug}},
        {"id": "say", "kind": "template", "config": {"text": f'"{slug}"'}},
    ]
    row = Workflow(workspace_id=uow.workspace_id, name=name, draft={"nodes": nodes, "edges": []})
    uow.session.add(row)
    uow.session.flush()
    return row


def test_deleting_tells_which_workflows_name_the_agent_and_can_be_undone(member: UnitOfWork) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    workflow = _workflow(member, "Inbox", made.slug)
    _workflow(member, "Other", "another_agent")
    uses = agents.find_agent_uses(member, agent_id=made.id)
    assert [(use.workflow_id, use.nodes) for use in uses] == [(str(workflow.id), ("answer",))]
    assert agents.delete_agent(member, agent_id=made.id).used_by == uses
    with pytest.raises(NotFound):
        agents.get_agent(member, agent_id=made.id)
    assert agents.list_agents(member).total == 0
    assert agents.undelete_agent(member, agent_id=made.id).slug == made.slug
    assert agents.list_agents(member).total == 1


def test_the_list_pages_through_everything_once_in_every_order(member: UnitOfWork, clock: Any) -> None:
    for number in range(7):
        clock.advance(seconds=1)
        agents.create_agent(member, draft=draft(name=f"agent {number // 2}"))
    for sort in ("updated", "created", "name"):
        seen: list[str] = []
        cursor = ""
        while True:
            page = agents.list_agents(member, sort=sort, cursor=cursor, limit=3)
            seen += [card.id for card in page.items]
            cursor = page.next_cursor
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 7 == page.total


def test_search_needs_every_word_and_takes_percent_literally(member: UnitOfWork) -> None:
    agents.create_agent(member, draft=draft(name="Lead scorer", role="Rates leads"))
    agents.create_agent(member, draft=draft(name="100% Checker"))
    assert [card.name for card in agents.list_agents(member, search="SCORER rates").items] == ["Lead scorer"]
    assert [card.name for card in agents.list_agents(member, search="0%").items] == ["100% Checker"]
    assert agents.list_agents(member, search="scorer checker").total == 0


@pytest.mark.parametrize("cursor", ["zzz", "e30=", 5, "WyJ1cGRhdGVkIiwgMSwgMl0=", "\ud800"])
def test_a_forged_cursor_is_refused_in_words(member: UnitOfWork, cursor: object) -> None:
    with pytest.raises(Invalid, match="list position"):
        agents.list_agents(member, cursor=cursor)


def test_every_starter_can_be_created(member: UnitOfWork) -> None:
    for starter in agents.list_starters(member):
        assert agents.create_from_starter(member, key=starter.key).name == starter.name
    with pytest.raises(NotFound):
        agents.create_from_starter(member, key="nothing")


ACTIONS: list[Callable[[UnitOfWork, str], object]] = [
    lambda uow, agent_id: agents.save_agent(uow, agent_id=agent_id, base_version=1, draft=DRAFT),
    lambda uow, agent_id: agents.duplicate_agent(uow, agent_id=agent_id),
    lambda uow, agent_id: agents.delete_agent(uow, agent_id=agent_id),
    lambda uow, agent_id: agents.undelete_agent(uow, agent_id=agent_id),
    lambda uow, agent_id: agents.restore_agent_version(uow, agent_id=agent_id, number=1, base_version=1),
]
READS: list[Callable[[UnitOfWork, str], object]] = [
    lambda uow, agent_id: agents.get_agent(uow, agent_id=agent_id),
    lambda uow, agent_id: agents.list_agent_versions(uow, agent_id=agent_id),
    lambda uow, agent_id: agents.get_agent_version(uow, agent_id=agent_id, number=1),
    lambda uow, agent_id: agents.find_agent_uses(uow, agent_id=agent_id),
]


@pytest.mark.parametrize("action", [*ACTIONS, *READS])
def test_foreign_absent_and_malformed_ids_are_the_same_404(member: UnitOfWork, action: Callable[[UnitOfWork, Any], object]) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    member.actor = make_member(member)
    words = set[str]()
    for agent_id in (made.id, "00000000-0000-0000-0000-000000000000", "nonsense", None, 7, {"id": made.id}):
        with pytest.raises(NotFound) as refused:
            action(member, agent_id)
        words.add(str(refused.value))
    assert len(words) == 1


@pytest.mark.parametrize("action", [*ACTIONS, lambda uow, _: agents.create_agent(uow, draft=DRAFT)])
def test_a_viewer_may_look_but_not_change(member: UnitOfWork, action: Callable[[UnitOfWork, str], object]) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    assert member.actor is not None
    member.actor = replace(member.actor, role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        action(member, made.id)
    opened = agents.get_agent(member, agent_id=made.id)
    assert (opened.can_edit, opened.can_run) == (False, False)


@pytest.mark.parametrize("action", [*ACTIONS, *READS, lambda uow, _: agents.list_agents(uow), lambda uow, _: agents.list_starters(uow)])
def test_nobody_does_anything_without_signing_in(uow: UnitOfWork, action: Callable[[UnitOfWork, str], object]) -> None:
    with pytest.raises(NotSignedIn):
        action(uow, "00000000-0000-0000-0000-000000000000")


def test_a_version_number_of_another_agent_or_type_is_a_404(member: UnitOfWork) -> None:
    made = agents.create_agent(member, draft=DRAFT)
    for number in (0, 2, "1", True, None, 10**30):
        with pytest.raises(NotFound):
            agents.get_agent_version(member, agent_id=made.id, number=number)
