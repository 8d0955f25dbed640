"""Saving from several tabs: merged per node and field, nothing lost or overwritten in silence, hostile batches refused."""

import uuid
from typing import Any

import pytest

from app.core.errors import Invalid, LimitReached, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.runs import start_run
from app.services.sharing import change_sharing
from app.services.workflows import apply_operations, changes_since, create_workflow, get_rights, get_workflow
from app.views.workflows import EditResult, Rights, WorkflowDetail
from models.workspace import Role, Workspace
from tests.support.people import make_member

Json = dict[str, Any]


@pytest.fixture
def flow(uow: UnitOfWork) -> WorkflowDetail:
    """start -> draft -> done, with a template in the middle."""
    uow.actor = make_member(uow)
    nodes = [
        {"id": "start", "kind": "start"},
        {"id": "draft", "kind": "template", "label": "Draft", "config": {"text": "Hello {{ inputs.name }}"}},
        {"id": "done", "kind": "end", "config": {"output": "{{ draft }}"}},
    ]
    edges = [{"source": "start", "target": "draft"}, {"source": "draft", "target": "done"}]
    return create_workflow(uow, name="Greeting", spec={"nodes": nodes, "edges": edges})


def save(uow: UnitOfWork, flow: WorkflowDetail, *operations: Json, base: int = 1, key: str = "tab_a:1") -> EditResult:
    return apply_operations(uow, workflow_id=str(flow.id), base_revision=base, client_key=key, operations=list(operations))


def node(uow: UnitOfWork, flow: WorkflowDetail, node_id: str) -> Json | None:
    nodes = get_workflow(uow, workflow_id=flow.id).definition["nodes"]
    return next((one for one in nodes if one["id"] == node_id), None)


def edges(uow: UnitOfWork, flow: WorkflowDetail) -> set[str]:
    return {f"{e['source']}.{e['port']}->{e['target']}" for e in get_workflow(uow, workflow_id=flow.id).definition["edges"]}


def text_of(value: str) -> Json:
    return {"op": "set_config", "id": "draft", "path": ["text"], "value": value}


def test_a_gesture_of_several_edits_is_one_revision(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    added = {"op": "add_node", "node": {"id": "polish", "kind": "template", "position": {"x": 10, "y": 20}}}
    result = save(
        uow,
        flow,
        {"op": "disconnect", "source": "draft", "target": "done"},
        added,
        {"op": "connect", "source": "draft", "target": "polish"},
        {"op": "connect", "source": "polish", "target": "done"},
    )
    assert result.revision == 2
    assert edges(uow, flow) == {"start.out->draft", "draft.out->polish", "polish.out->done"}


def test_a_repeated_save_changes_nothing_twice(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert save(uow, flow, text_of("Hi")).revision == 2
    again = save(uow, flow, text_of("Hi"))
    assert (again.revision, again.conflicts) == (2, ())


def test_a_repeated_save_reports_its_conflicts_again(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, text_of("theirs"), key="tab_b:1")
    batch = (text_of("mine"), {"op": "set_label", "id": "done", "label": "Finish"})
    first = save(uow, flow, *batch)
    again = save(uow, flow, *batch)
    assert [conflict.mine for conflict in first.conflicts] == [conflict.mine for conflict in again.conflicts] == ["mine"]
    assert again.revision == 3


def test_two_tabs_merge_when_they_touch_different_fields(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, text_of("Bonjour"), key="tab_b:1")
    result = save(uow, flow, {"op": "set_label", "id": "draft", "label": "Greeting"})
    assert result.conflicts == ()
    assert [operation["op"] for operation in result.operations] == ["set_config"]
    draft = node(uow, flow, "draft") or {}
    assert (draft["label"], draft["config"]) == ("Greeting", {"text": "Bonjour"})


def test_the_same_field_changed_twice_is_asked_and_not_overwritten(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, text_of("theirs"), key="tab_b:1")
    result = save(uow, flow, text_of("mine"))
    (conflict,) = result.conflicts
    assert (conflict.reason, conflict.node, conflict.field, conflict.mine, conflict.theirs) == (
        "changed",
        "draft",
        "text",
        "mine",
        "theirs",
    )
    assert (conflict.by, conflict.message) == ("You, in another tab", "You, in another tab, changed this at the same time.")
    assert save(uow, flow, conflict.operation, base=result.revision, key="tab_a:2").conflicts == ()
    assert (node(uow, flow, "draft") or {})["config"] == {"text": "mine"}


def test_the_same_change_in_both_tabs_is_no_conflict(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, text_of("same"), {"op": "disconnect", "source": "draft", "target": "done"}, key="tab_b:1")
    assert save(uow, flow, text_of("same"), {"op": "disconnect", "source": "draft", "target": "done"}).conflicts == ()


def test_own_earlier_saves_are_never_a_conflict(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, text_of("one"), key="tab_a:1")
    assert save(uow, flow, text_of("two"), base=1, key="tab_a:2").conflicts == ()


def test_removing_a_step_that_somebody_edits_is_asked(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, text_of("better"), key="tab_b:1")
    assert save(uow, flow, {"op": "remove_node", "id": "draft"}).conflicts[0].field == "step"
    assert node(uow, flow, "draft") is not None


def test_editing_a_step_that_somebody_removed_is_asked(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, {"op": "remove_node", "id": "draft"}, key="tab_b:1")
    assert save(uow, flow, text_of("mine")).conflicts[0].reason == "removed"


def test_removing_a_step_to_which_somebody_connects_is_asked(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, {"op": "connect", "source": "start", "target": "done"}, key="tab_b:1")
    assert len(save(uow, flow, {"op": "remove_node", "id": "done"}).conflicts) == 1


def test_of_a_move_only_the_steps_that_others_moved_are_asked(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, {"op": "move", "moves": [{"id": "draft", "x": 1, "y": 1}]}, key="tab_b:1")
    result = save(uow, flow, {"op": "move", "moves": [{"id": "draft", "x": 5, "y": 5}, {"id": "done", "x": 9, "y": 9}]})
    assert [conflict.node for conflict in result.conflicts] == ["draft"]
    assert (node(uow, flow, "done") or {})["position"] == {"x": 9.0, "y": 9.0}


def test_two_edges_that_together_make_a_circle_are_asked(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    for name in ("left", "right"):
        save(uow, flow, {"op": "add_node", "node": {"id": name, "kind": "template"}}, key=f"tab_a:{name}")
    base = get_workflow(uow, workflow_id=flow.id).revision
    save(uow, flow, {"op": "connect", "source": "left", "target": "right"}, base=base, key="tab_b:1")
    result = save(uow, flow, {"op": "connect", "source": "right", "target": "left"}, base=base, key="tab_a:9")
    assert "circle" in result.conflicts[0].message


def test_two_new_steps_of_the_same_id_both_stay(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    new = {"op": "add_node", "node": {"id": "check", "kind": "template"}}
    save(uow, flow, new, key="tab_b:1")
    result = save(uow, flow, new, {"op": "connect", "source": "draft", "target": "check"})
    assert result.renamed == {"check": "check_2"}
    assert "draft.out->check_2" in edges(uow, flow)


def test_renaming_a_step_takes_references_and_edges_along(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, {"op": "rename_node", "id": "draft", "new_id": "greeting"})
    assert (node(uow, flow, "done") or {})["config"] == {"output": "{{ greeting }}"}
    assert edges(uow, flow) == {"start.out->greeting", "greeting.out->done"}


def test_an_edit_made_before_somebody_renamed_the_step_finds_it(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, {"op": "rename_node", "id": "draft", "new_id": "greeting"}, key="tab_b:1")
    result = save(uow, flow, {"op": "add_node", "node": {"id": "copy", "kind": "template", "config": {"text": "{{ draft | upcase }}"}}})
    assert result.conflicts == ()
    assert (node(uow, flow, "copy") or {})["config"] == {"text": "{{ greeting | upcase }}"}


def test_an_open_editor_hears_what_others_saved(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, text_of("Bonjour"), key="tab_b:1")
    save(uow, flow, {"op": "set_label", "id": "done", "label": "Finish"}, base=2, key="tab_a:1")
    heard = changes_since(uow, workflow_id=str(flow.id), revision=1, tab="tab_a")
    assert (heard.revision, [operation["op"] for operation in heard.operations]) == (3, ["set_config"])
    assert heard.by == "another tab of yours"


def test_an_open_editor_hears_by_name_who_else_saved(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    save(uow, flow, text_of("Bonjour"), key="tab_b:1")
    mine = uow.actor
    assert mine
    uow.actor = make_member(uow, workspace=uow.session.get_one(Workspace, mine.workspace_id), name="Mira")
    save(uow, flow, {"op": "set_label", "id": "done", "label": "Finish"}, base=2, key="tab_c:1")
    uow.actor = mine
    assert changes_since(uow, workflow_id=str(flow.id), revision=2, tab="tab_a").by == "Mira"
    assert changes_since(uow, workflow_id=str(flow.id), revision=1, tab="tab_a").by == "Mira and another tab of yours"
    assert changes_since(uow, workflow_id=str(flow.id), revision=3, tab="tab_a").by == ""


@pytest.mark.parametrize(
    ("everyone", "rights"), [("edit", Rights(True, True)), ("run", Rights(False, True)), ("view", Rights(False, False))]
)
def test_an_open_editor_hears_what_its_person_may_do_now(uow: UnitOfWork, flow: WorkflowDetail, everyone: str, rights: Rights) -> None:
    assert uow.actor
    owner, mira = uow.actor, make_member(uow, workspace=uow.session.get_one(Workspace, uow.actor.workspace_id), name="Mira")
    change_sharing(uow, kind="workflow", thing_id=flow.id, everyone=everyone)
    uow.actor = mira
    assert get_rights(uow, workflow_id=str(flow.id)) == rights
    uow.actor = owner
    change_sharing(uow, kind="workflow", thing_id=flow.id, everyone="private")
    uow.actor = mira
    with pytest.raises(NotFound):
        get_rights(uow, workflow_id=str(flow.id))


@pytest.mark.parametrize(
    ("operations", "field"),
    [
        ("text", "operations"),
        ([{"op": "explode"}], "operations.0.op"),
        ([7], "operations.0.op"),
        ([{"op": "set_label", "id": "draft"}], "operations.0.label"),
        ([{"op": "set_label", "id": "draft", "label": "x", "more": 1}], "operations.0.more"),
        ([{"op": "set_label", "id": "Not An Id", "label": "x"}], "operations.0.id"),
        ([{"op": "set_config", "id": "draft", "path": ["text"], "value": "a\x00b"}], "operations.0.value"),
        ([{"op": "set_config", "id": "draft", "path": ["text"], "value": "\ud800"}], "operations.0.value"),
        ([{"op": "set_config", "id": "draft", "path": ["text"], "value": float("nan")}], "operations.0.value"),
        ([{"op": "set_config", "id": "draft", "path": ["text"], "value": 2**70}], "operations.0.value"),
        ([{"op": "set_config", "id": "draft", "path": [], "value": 1}], "operations.0.path"),
        ([{"op": "move", "moves": [{"id": "draft", "x": float("inf"), "y": 0}]}], "operations.0.moves.0.x"),
        ([{"op": "connect", "source": "done", "target": "start"}], "operations.0"),
        ([{"op": "connect", "source": "start", "target": "nowhere"}], "operations.0"),
        ([{"op": "add_node", "node": {"id": "x", "kind": "rocket"}}], "operations.0"),
        ([{"op": "set_policy", "id": "draft", "field": "join", "value": -3}], "operations.0"),
        ([{"op": "set_policy", "id": "draft", "field": "parent", "value": "start"}], "operations.0"),
        ([{"op": "set_label", "id": "draft", "label": "x"}] * 5_001, "operations"),
    ],
)
def test_a_malformed_batch_is_refused_whole_with_the_field_named(
    uow: UnitOfWork, flow: WorkflowDetail, operations: Any, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        apply_operations(uow, workflow_id=str(flow.id), base_revision=1, client_key="tab_a:1", operations=operations)
    assert field in refused.value.fields
    assert get_workflow(uow, workflow_id=flow.id).revision == 1


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [nested(200), ["x"] * 500_000, "y" * 300_000])
def test_oversized_values_are_refused(uow: UnitOfWork, flow: WorkflowDetail, value: Any) -> None:
    with pytest.raises(Invalid):
        save(uow, flow, {"op": "set_config", "id": "draft", "path": ["text"], "value": value})


def test_more_than_ten_thousand_steps_are_refused_with_a_remedy(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    for batch in range(2):
        new = [{"op": "add_node", "node": {"id": f"n{batch}_{i}", "kind": "template"}} for i in range(4_998)]
        save(uow, flow, *new, base=batch + 1, key=f"tab_a:{batch}")
    with pytest.raises(LimitReached, match="Split it"):
        save(uow, flow, *[{"op": "add_node", "node": {"id": f"last_{i}", "kind": "template"}} for i in range(2)], base=3, key="tab_a:9")


@pytest.mark.parametrize(("base", "key"), [(0, "tab_a:1"), (2, "tab_a:1"), (True, "tab_a:1"), ("1", "tab_a:1"), (1, "tab a"), (1, None)])
def test_forged_bases_and_keys_are_refused(uow: UnitOfWork, flow: WorkflowDetail, base: Any, key: Any) -> None:
    with pytest.raises(Invalid):
        apply_operations(uow, workflow_id=str(flow.id), base_revision=base, client_key=key, operations=[])


def test_foreign_and_absent_workflows_are_the_same_not_found(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    uow.actor = make_member(uow)
    for workflow_id in (str(flow.id), str(uuid.uuid4()), "nonsense", None):
        with pytest.raises(NotFound):
            apply_operations(uow, workflow_id=workflow_id, base_revision=1, client_key="tab_a:1", operations=[])


def test_viewers_may_not_save(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    uow.actor = make_member(uow, Role.VIEWER)
    with pytest.raises(NotAllowed):
        save(uow, flow, text_of("no"))


def test_a_text_that_is_too_long_is_kept_as_typed_and_tells_its_step_and_field(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    saved = save(uow, flow, text_of("x" * 199_000))
    assert saved.findings is not None
    assert [one.message for one in saved.findings if one.field == "text"] == ["'text' has 199,000 characters; at most 100,000 are allowed."]
    with pytest.raises(Invalid, match="has an error") as refused:
        start_run(uow, workflow_id=flow.id, inputs={})
    assert [field for field in refused.value.fields if field.endswith(".text")]
    with pytest.raises(Invalid, match=r"'text' of the step '\w+': The text is longer than 200,000 characters"):
        save(uow, flow, text_of("x" * 200_001), key="tab_a:2")
