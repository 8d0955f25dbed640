"""Edits, imports and inputs built to be slow, huge or unreadable are refused at once, and nothing half-written stays."""

from typing import Any

import pytest

from app.core.errors import AppError, Invalid, LimitReached
from app.core.uow import UnitOfWork
from app.services import runs, workflows
from app.services.blueprints import import_blueprint
from app.services.workflows.references import rename_in_template
from app.wiring import Wiring
from models.workspace import Role
from tests.support.people import make_member
from tests.support.workflows import make_workflow


def save(uow: UnitOfWork, workflow_id: str, *operations: dict[str, Any]) -> None:
    revision = workflows.get_workflow(uow, workflow_id=workflow_id).revision
    workflows.apply_operations(
        uow, workflow_id=workflow_id, base_revision=revision, client_key=f"abcd:{revision}", operations=list(operations)
    )


def config(field: str, value: object) -> dict[str, Any]:
    return {"op": "set_config", "id": "greet", "path": [field], "value": value}


def test_many_edits_cannot_add_up_to_a_definition_that_nothing_can_read(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        actor = uow.actor = make_member(uow)
        workflow_id = str(make_workflow(uow).id)
    seven_megabytes = ["x" * 190_000] * 40
    with wiring.unit() as uow:
        uow.actor = actor
        for number in range(2):
            save(uow, workflow_id, config(f"field_{number}", seven_megabytes))
        with pytest.raises(LimitReached, match=r"more than 20,000,000 characters"):
            save(uow, workflow_id, config("field_3", seven_megabytes))
    with wiring.unit(write=False) as uow:
        uow.actor = actor
        assert workflows.get_workflow(uow, workflow_id=workflow_id).revision == 3


@pytest.mark.parametrize(
    "text",
    ["{{" * 60_000, "{{ " + '\\"' * 90_000 + " }}", "{{ " + '"' * 99_999 + "}}", "{% " * 60_000, "{{ " + "start " * 20_000 + "|}}"],
)
def test_renaming_a_step_beside_a_hostile_template_ends_at_once(text: str) -> None:
    assert len(rename_in_template(text, {"start": "begin"})) >= len(text) - 3


def test_renaming_still_follows_every_reference() -> None:
    text = "{{ start.a | upcase }} {%- if start %}start{% endif -%} {{ x.start }} {{ open"
    assert rename_in_template(text, {"start": "begin"}) == "{{ begin.a | upcase }} {%- if begin %}start{% endif -%} {{ x.start }} {{ open"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [1]\nb: [*a, *a]",
        "a: &a [*a]",
        'a: !!python/object/apply:os.system ["id"]',
        "a: !!binary aGk=",
        "[" * 5000,
        "".join(" " * depth + "a:\n" for depth in range(1500)),
        "a: 1\na: 2",
        "a: \x00",
        "a" * 30_000_000,
        b"\xff\xfe\x00",
        "---\na: 1\n---\nb: 2",
        "{" * 3000,
        None,
    ],
    ids=lambda text: repr(text)[:24],
)
def test_a_hostile_blueprint_is_refused_in_words(wiring: Wiring, text: object) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        with pytest.raises(Invalid) as refused:
            import_blueprint(uow, text=text)
        assert workflows.list_workflows(uow).total == 0
    assert "Traceback" not in refused.value.message


def test_a_viewer_cannot_even_have_a_blueprint_parsed(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.VIEWER)
        with pytest.raises(AppError, match="Your role"):
            import_blueprint(uow, text="[" * 5000)


@pytest.mark.parametrize(
    "inputs",
    [
        {"name": "\x00"},
        {"name": "\ud800"},
        {"name": ["x"]},
        {"name": "x", "times": float("nan")},
        {"name": "x", "times": 10**40},
        [1],
        None,
    ],
    ids=lambda inputs: repr(inputs)[:24],
)
def test_inputs_of_the_wrong_kind_start_nothing(wiring: Wiring, inputs: object) -> None:
    with wiring.unit() as uow:
        uow.actor = make_member(uow)
        workflow_id = make_workflow(uow).id
        with pytest.raises(Invalid) as refused:
            runs.start_run(uow, workflow_id=workflow_id, inputs=inputs)
        assert runs.list_runs(uow).rows == ()
    assert refused.value.fields
