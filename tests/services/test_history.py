"""Versions of a workflow: when they are kept, what differs in words, naming one, and going back without losing anything."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.history import compare_versions, find_version, list_versions, name_version, restore_version
from app.services.history.restoring import operations_between
from app.services.runs import get_run, run_step, start_run, start_test_run
from app.services.workflows import apply_operations, create_workflow, get_workflow, rename_workflow
from app.services.workflows.draft import Draft
from app.views.history import DRAFT
from app.views.workflows import WorkflowDetail
from engine.spec.upgrade import load_workflow as load_spec
from models.workflow import Workflow, WorkflowVersion
from models.workspace import Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.people import make_member

Json = dict[str, Any]
MINUTES = 60


@pytest.fixture
def flow(uow: UnitOfWork) -> WorkflowDetail:
    """start -> draft -> done, with a template in the middle."""
    uow.actor = make_member(uow)
    nodes = [
        {"id": "start", "kind": "start"},
        {"id": "draft", "kind": "template", "label": "Draft", "config": {"text": "Dear {{ inputs.name }},\n\nthank you.\n\nBye"}},
        {"id": "done", "kind": "end", "config": {"output": "{{ draft }}"}},
    ]
    edges = [{"source": "start", "target": "draft"}, {"source": "draft", "target": "done"}]
    return create_workflow(uow, name="Letter", spec={"nodes": nodes, "edges": edges})


def edit(uow: UnitOfWork, flow: WorkflowDetail, *operations: Json) -> int:
    now = get_workflow(uow, workflow_id=flow.id).revision
    return apply_operations(uow, workflow_id=flow.id, base_revision=now, client_key=f"tab_a:{now}", operations=list(operations)).revision


def colleague(uow: UnitOfWork, role: Role = Role.MEMBER, name: str = "Carl Colleague") -> Actor:
    return make_member(uow, role, workspace=uow.session.get_one(Workspace, uow.workspace_id), name=name)


def label(text: str, node: str = "draft") -> Json:
    return {"op": "set_label", "id": node, "label": text}


def config(key: str, value: Any, node: str = "draft") -> Json:
    return {"op": "set_config", "id": node, "path": [key], "value": value}


def content(uow: UnitOfWork, flow: WorkflowDetail) -> Json:
    """The definition with nodes and edges in a fixed order."""
    spec = load_spec(get_workflow(uow, workflow_id=flow.id).definition).model_dump(mode="json")
    return {**spec, "nodes": sorted(spec["nodes"], key=lambda one: one["id"]), "edges": sorted(spec["edges"], key=str)}


# --- the list --------------------------------------------------------------------------------------------------------------


def remove(*ids: str) -> list[Json]:
    return [{"op": "remove_node", "id": one} for one in ids]


@pytest.mark.parametrize(
    ("lost", "versions"),
    [
        (remove("start", "draft", "done"), [("start", "draft", "done")]),
        (remove("draft", "done"), [("start", "draft", "done")]),
        (remove("draft"), []),
        ([{"op": "rename_node", "id": one, "new_id": f"{one}_2"} for one in ("start", "draft", "done")], []),
    ],
    ids=["all", "most", "one", "renamed"],
)
def test_what_stood_there_before_most_of_it_was_removed_is_kept_however_young_the_last_version_is(
    uow: UnitOfWork, flow: WorkflowDetail, lost: list[Json], versions: list[tuple[str, ...]]
) -> None:
    edit(uow, flow, label("first"))
    edit(uow, flow, label("a minute's work"))
    before = {row.id for row in list_versions(uow, workflow_id=flow.id).rows}
    edit(uow, flow, *lost)
    kept = [row for row in list_versions(uow, workflow_id=flow.id).rows if row.id not in before]
    specs = [uow.session.get_one(WorkflowVersion, uuid.UUID(row.id)).spec for row in kept]
    assert [tuple(node["id"] for node in spec["nodes"]) for spec in specs] == versions
    assert all(spec["nodes"][1]["label"] == "a minute's work" for spec in specs)


def test_a_version_is_kept_every_ten_minutes_and_whenever_somebody_names_one(
    uow: UnitOfWork, flow: WorkflowDetail, clock: FrozenClock
) -> None:
    edit(uow, flow, label("one"))
    edit(uow, flow, label("two"))
    clock.advance(seconds=11 * MINUTES)
    edit(uow, flow, label("three"))
    name_version(uow, workflow_id=flow.id, version_id=DRAFT, name=" Before  the launch ", note="Approved by Mia")
    page = list_versions(uow, workflow_id=flow.id)
    shown = [(row.number, row.revision, row.name, row.note, row.origin) for row in page.rows]
    assert shown == [(3, 4, "Before the launch", "Approved by Mia", "name"), (2, 3, "", "", "edit"), (1, 1, "", "", "edit")]
    assert [row.is_current for row in page.rows] == [True, False, False]
    assert page.draft.node_count == 3


def test_a_version_is_dated_and_signed_by_the_edit_that_made_it(uow: UnitOfWork, flow: WorkflowDetail, clock: FrozenClock) -> None:
    edited_at = clock.now()
    edit(uow, flow, label("by the author"))
    clock.advance(seconds=timedelta(days=3).total_seconds())
    uow.actor = colleague(uow, name="Carl Colleague")
    edit(uow, flow, label("by somebody else"))
    newest = list_versions(uow, workflow_id=flow.id).rows[0]
    assert (newest.created_by, newest.created_at) == ("Mia Member", edited_at)


def kept(uow: UnitOfWork, flow: WorkflowDetail, count: int) -> None:
    """Versions of earlier edits, one a revision; the draft is one ahead of them."""
    workflow = uow.session.get_one(Workflow, flow.id)
    about: Json = {"workspace_id": uow.workspace_id, "workflow_id": flow.id, "spec": workflow.draft}
    uow.session.add_all(WorkflowVersion(number=number, revision=number, **about) for number in range(1, count + 1))
    workflow.revision = count + 1
    uow.session.flush()


def test_the_history_is_read_page_by_page_and_by_name(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    kept(uow, flow, 60)
    name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Milestone")
    first = list_versions(uow, workflow_id=flow.id)
    rest = list_versions(uow, workflow_id=flow.id, before=first.rows[-1].number)
    assert (len(first.rows), first.has_more, rest.has_more) == (50, True, False)
    assert [row.number for row in (*first.rows, *rest.rows)] == list(range(61, 0, -1))
    assert [row.name for row in list_versions(uow, workflow_id=flow.id, named_only=True).rows] == ["Milestone"]


def test_named_versions_stay_for_ever_and_of_the_others_the_newest_hundred(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    kept(uow, flow, 104)
    first = list_versions(uow, workflow_id=flow.id, before=2).rows[0]
    name_version(uow, workflow_id=flow.id, version_id=first.id, name="Keep me")
    start_run(uow, workflow_id=flow.id, inputs={"name": "Ann"})
    oldest = list_versions(uow, workflow_id=flow.id, before=8).rows
    assert [(row.number, row.name) for row in oldest] == [(7, ""), (6, ""), (1, "Keep me")]


def test_a_changed_workflow_is_kept_before_it_runs_once_and_can_be_found_by_the_run(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    edit(uow, flow, config("text", "First"))
    runs = [start_run(uow, workflow_id=flow.id, inputs={}) for _ in range(2)]
    edit(uow, flow, config("text", "Second"))
    start_test_run(uow, workflow_id=flow.id, inputs={})
    run_step(uow, workflow_id=flow.id, node="draft", inputs={})
    assert [row.origin for row in list_versions(uow, workflow_id=flow.id).rows] == ["run", "run", "edit"]
    details = [get_run(uow, run_id=run.id) for run in runs]
    found = {find_version(uow, workflow_id=flow.id, revision=detail.revision).id for detail in details}
    (version,) = found
    restore_version(uow, workflow_id=flow.id, version_id=version, base_revision=1)
    assert get_workflow(uow, workflow_id=flow.id).definition["nodes"][1]["config"]["text"] == "First"


@pytest.mark.parametrize("revision", [None, 99, -1, 2**40, "1", True])
def test_a_version_that_was_not_kept_is_not_found(uow: UnitOfWork, flow: WorkflowDetail, revision: object) -> None:
    with pytest.raises(NotFound):
        find_version(uow, workflow_id=flow.id, revision=revision)


def test_a_workflow_that_cannot_run_keeps_nothing(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    edit(uow, flow, config("text", "{{ nothing.there }}"))
    with pytest.raises(Invalid), uow.session.begin_nested():
        start_run(uow, workflow_id=flow.id, inputs={})
    assert "run" not in [row.origin for row in list_versions(uow, workflow_id=flow.id).rows]


# --- names -----------------------------------------------------------------------------------------------------------------


def test_a_name_is_given_changed_and_taken_away(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    kept = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="First")
    again = name_version(uow, workflow_id=flow.id, version_id=kept.id, name="Second", note="why")
    assert (again.number, again.name, again.note) == (kept.number, "Second", "why")
    assert name_version(uow, workflow_id=flow.id, version_id=kept.id, name="").name == ""


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": "x" * 121}, "name"), ({"name": "a\nb"}, "name"), ({"name": ""}, "name"), ({"name": "ok", "note": "x" * 2001}, "note")],
)
def test_names_that_do_not_fit_are_refused(uow: UnitOfWork, flow: WorkflowDetail, given: Json, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        name_version(uow, workflow_id=flow.id, version_id=DRAFT, **given)
    assert list(refused.value.fields) == [field]


def test_viewers_look_but_neither_name_nor_restore(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    version = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="First")
    uow.actor = colleague(uow, Role.VIEWER)
    assert not list_versions(uow, workflow_id=flow.id).can_edit
    with pytest.raises(NotAllowed):
        name_version(uow, workflow_id=flow.id, version_id=version.id, name="Mine")
    with pytest.raises(NotAllowed):
        restore_version(uow, workflow_id=flow.id, version_id=version.id, base_revision=1)


def test_a_version_of_another_workflow_is_not_found(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    other = create_workflow(uow, name="Other")
    version = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Mine")
    for service, extra in ((compare_versions, {}), (name_version, {"name": "x"}), (restore_version, {"base_revision": 1})):
        with pytest.raises(NotFound):
            service(uow, workflow_id=other.id, version_id=version.id, **extra)


# --- differences -----------------------------------------------------------------------------------------------------------


def test_differences_are_told_in_the_words_of_the_forms(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    version = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Before")
    edit(
        uow,
        flow,
        config("text", "Dear {{ inputs.name }},\n\nthank you very much.\n\nBye"),
        {"op": "set_policy", "id": "draft", "field": "retry", "value": {"attempts": 3, "delay_s": 2}},
        {"op": "set_policy", "id": "draft", "field": "timeout_s", "value": 90},
        {"op": "set_policy", "id": "draft", "field": "on_error", "value": {"action": "branch"}},
        {"op": "add_node", "node": {"id": "check", "kind": "condition"}},
        {"op": "connect", "source": "start", "target": "check"},
        {"op": "set_limit", "field": "timeout_s", "value": 7200},
    )
    found = compare_versions(uow, workflow_id=flow.id, version_id=version.id)
    steps = {step.node: step for step in found.steps}
    assert (steps["check"].change, steps["check"].label, steps["draft"].change) == ("added", "Condition", "changed")
    told = {words.label: (words.before, words.after) for words in steps["draft"].fields}
    assert told["Attempts"] == ("1 attempt", "3 attempts, the second after 2 s")
    assert told["Time limit"] == ("", "1 min 30 s")
    assert told["If it fails"] == ("stop the run", "go on at the error port")
    text = next(words for words in steps["draft"].fields if words.lines)
    assert [(line.change, line.text) for line in text.lines if line.change != "same"] == [
        ("removed", "thank you."),
        ("added", "thank you very much."),
    ]
    assert found.edges_added == ("Start → Condition",)
    assert [(words.label, words.before, words.after) for words in found.own] == [("Time limit", "", "2 h")]


def test_a_comparison_goes_from_the_older_to_the_newer_whichever_is_asked_first(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    first = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="First")
    edit(uow, flow, {"op": "remove_node", "id": "done"})
    second = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Second")
    for one, other in ((first.id, second.id), (second.id, first.id), (second.id, "previous")):
        found = compare_versions(uow, workflow_id=flow.id, version_id=one, with_id=other)
        assert found.older is not None
        assert (found.older.name, found.newer.name) == ("First", "Second")
        assert [(step.node, step.change) for step in found.steps] == [("done", "removed")]
    origin = compare_versions(uow, workflow_id=flow.id, version_id=first.id, with_id="previous")
    assert (origin.older, {step.change for step in origin.steps}) == (None, {"added"})


def test_moves_alone_are_counted_and_not_listed(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    version = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Before")
    edit(uow, flow, {"op": "move", "moves": [{"id": "draft", "x": 500, "y": 20}]})
    found = compare_versions(uow, workflow_id=flow.id, version_id=version.id)
    assert (found.steps, found.moved) == ((), 1)


# --- going back ------------------------------------------------------------------------------------------------------------


def test_a_restore_brings_everything_back_and_keeps_what_was(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    before = content(uow, flow)
    version = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Good")
    revision = edit(
        uow,
        flow,
        {"op": "remove_node", "id": "done"},
        {"op": "add_node", "node": {"id": "each", "kind": "map", "config": {"items": "{{ inputs.names }}"}}},
        {"op": "disconnect", "source": "start", "target": "draft"},
        {"op": "set_policy", "id": "draft", "field": "parent", "value": "each"},
        {"op": "set_policy", "id": "draft", "field": "retry", "value": {"attempts": 5}},
        {"op": "connect", "source": "start", "target": "each"},
        config("text", "Other"),
        {"op": "set_limit", "field": "max_parallel", "value": 2},
        {"op": "move", "moves": [{"id": "start", "x": 40, "y": 60}]},
    )
    changed = content(uow, flow)
    result = restore_version(uow, workflow_id=flow.id, version_id=version.id, base_revision=revision)
    assert content(uow, flow) == before
    rows = list_versions(uow, workflow_id=flow.id).rows
    assert [(row.origin, row.restored_from) for row in rows[:2]] == [("restore", version.number), ("edit", 0)]
    assert result.revision == revision + 1
    assert {operation["revision"] for operation in result.operations} == {result.revision}
    restore_version(uow, workflow_id=flow.id, version_id=rows[1].id, base_revision=result.revision)
    assert content(uow, flow) == changed


def test_a_restore_tells_an_editor_that_lagged_behind_what_it_missed(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    version = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Good")
    edit(uow, flow, label("missed"))
    result = restore_version(uow, workflow_id=flow.id, version_id=version.id, base_revision=1)
    assert [(operation["revision"], operation["label"]) for operation in result.operations] == [(2, "missed"), (3, "Draft")]


def test_the_name_of_the_workflow_stays(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    version = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Good")
    rename_workflow(uow, workflow_id=flow.id, name="New name", description="What for")
    restore_version(uow, workflow_id=flow.id, version_id=version.id, base_revision=1)
    now = get_workflow(uow, workflow_id=flow.id)
    assert (now.name, now.definition["description"]) == ("New name", "")


def test_restoring_what_is_there_already_changes_nothing(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    version = name_version(uow, workflow_id=flow.id, version_id=DRAFT, name="Good")
    result = restore_version(uow, workflow_id=flow.id, version_id=version.id, base_revision=1)
    assert (result.revision, result.operations) == (1, ())
    assert len(list_versions(uow, workflow_id=flow.id).rows) == 1


def test_a_step_that_became_another_kind_is_exchanged_with_what_hangs_on_it(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    nested = [
        {"id": "start", "kind": "start"},
        {"id": "draft", "kind": "map", "config": {"items": "{{ inputs.names }}"}},
        {"id": "done", "kind": "template", "parent": "draft"},
    ]
    other = load_spec({"name": "Letter", "nodes": nested, "edges": [{"source": "start", "target": "draft"}]})
    here = load_spec(get_workflow(uow, workflow_id=flow.id).definition)
    for before, after in ((here, other), (other, here)):
        draft = Draft.read(before.model_dump(mode="json", exclude_defaults=True) | {"limits": {}})
        for operation in operations_between(before, after):
            draft.apply(operation)
        made = load_spec(draft.content())
        assert {node.id: node for node in made.nodes} == {node.id: node for node in after.nodes}
        assert {edge.id for edge in made.edges} == {edge.id for edge in after.edges}
