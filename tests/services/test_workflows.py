"""The life of workflows: created, listed, renamed, copied, deleted."""

import pytest

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.workflows import (
    create_workflow,
    delete_workflow,
    duplicate_workflow,
    get_workflow,
    list_workflows,
    rename_workflow,
    restore_workflow,
)
from app.services.workflows.references import rename_in_config, rename_in_template
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.people import make_member


@pytest.fixture(autouse=True)
def member(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)


def test_a_new_workflow_has_a_start(uow: UnitOfWork) -> None:
    made = create_workflow(uow, name="  My   first ")
    assert made.name == "My first"
    assert [node["kind"] for node in made.definition["nodes"]] == ["start"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x00b", "\ud800", None, 3])
def test_names_that_nobody_can_read_are_refused(uow: UnitOfWork, name: object) -> None:
    with pytest.raises(Invalid) as refused:
        create_workflow(uow, name=name)
    assert "name" in refused.value.fields


def test_the_list_is_searched_sorted_and_paged(uow: UnitOfWork, clock: FrozenClock) -> None:
    for name in ("Beta", "alpha", "Gamma 100%"):
        create_workflow(uow, name=name)
        clock.advance(seconds=1)
    assert [card.name for card in list_workflows(uow).items] == ["Gamma 100%", "alpha", "Beta"]
    assert [card.name for card in list_workflows(uow, search="100%").items] == ["Gamma 100%"]
    first = list_workflows(uow, sort="name", limit=2)
    rest = list_workflows(uow, sort="name", limit=2, cursor=first.next_cursor)
    assert [card.name for card in (*first.items, *rest.items)] == ["alpha", "Beta", "Gamma 100%"]
    assert (first.total, rest.next_cursor) == (3, "")


@pytest.mark.parametrize("cursor", ["zzz", "e30=", "WyJuYW1lIiwgMSwgMl0="])
def test_a_broken_cursor_is_refused(uow: UnitOfWork, cursor: str) -> None:
    with pytest.raises(Invalid):
        list_workflows(uow, cursor=cursor)


def test_other_workspaces_see_nothing(uow: UnitOfWork) -> None:
    made = create_workflow(uow, name="Private")
    uow.actor = make_member(uow)
    assert list_workflows(uow).items == ()
    with pytest.raises(NotFound):
        get_workflow(uow, workflow_id=made.id)


def test_rename_duplicate_delete_and_undo(uow: UnitOfWork) -> None:
    made = create_workflow(uow, name="Draft")
    rename_workflow(uow, workflow_id=made.id, name="Final", description="It works")
    renamed = get_workflow(uow, workflow_id=made.id)
    assert (renamed.name, renamed.definition["name"], renamed.revision) == ("Final", "Final", 2)
    assert [duplicate_workflow(uow, workflow_id=made.id).name for _ in range(2)] == ["Final (copy)", "Final (copy 2)"]
    delete_workflow(uow, workflow_id=made.id)
    with pytest.raises(NotFound):
        get_workflow(uow, workflow_id=made.id)
    restore_workflow(uow, workflow_id=made.id)
    assert get_workflow(uow, workflow_id=made.id).name == "Final"


def test_viewers_read_but_do_not_change(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.VIEWER)
    assert list_workflows(uow).total == 0
    with pytest.raises(NotAllowed):
        create_workflow(uow, name="No")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{ old.summary | upcase }}", "{{ fresh.summary | upcase }}"),
        ("{{ a.old }} {{ old }}", "{{ a.old }} {{ fresh }}"),
        ("old {{ 'old' | append: old.x }}", "old {{ 'old' | append: fresh.x }}"),
        ("{% if old.score > 1 and older %}old{% endif %}", "{% if fresh.score > 1 and older %}old{% endif %}"),
        ("{{ x | old: 1 }} {{ x | f: old: 2 }}", "{{ x | old: 1 }} {{ x | f: old: 2 }}"),
        ("{{ old[old.index].y }}", "{{ fresh[fresh.index].y }}"),
    ],
)
def test_references_follow_a_renamed_step(before: str, after: str) -> None:
    assert rename_in_template(before, {"old": "fresh"}) == after


def test_conditions_follow_a_renamed_step() -> None:
    config = {"cases": [{"id": "old", "condition": "old.score > 0.5 and inputs.old == 'old'", "label": "old"}]}
    assert rename_in_config(config, {"old": "fresh"}) == {
        "cases": [{"id": "old", "condition": "fresh.score > 0.5 and inputs.old == 'old'", "label": "old"}]
    }


@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        ("http://127.0.0.1:9/x", True),
        ("http://169.254.169.254/{{ inputs.id }}", True),
        ("https://example.com/x", False),
        ("http://{{ inputs.host }}/", False),
    ],
)
def test_an_address_that_this_installation_refuses_is_a_hint_while_drawing(uow: UnitOfWork, url: str, is_told: bool) -> None:
    uow.actor = make_member(uow)
    fields = [{"name": name, "type": "text"} for name in ("id", "host")]
    nodes = [{"id": "start", "kind": "start", "config": {"fields": fields}}, {"id": "call", "kind": "http", "config": {"url": url}}]
    made = create_workflow(uow, name="Calls", spec={"nodes": nodes, "edges": [{"source": "start", "target": "call"}]})
    assert [(one.node, one.field, one.severity) for one in made.findings if one.code == "address_refused"] == [
        ("call", "url", "warning")
    ] * is_told
