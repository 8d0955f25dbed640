"""Descriptions of node kinds for palette and inspector."""

from typing import Any

import pytest

from engine.nodes.base import NodeKind
from engine.nodes.forms import FormField, form_of, kind_card, label_of
from engine.nodes.registry import ALL, KINDS

LIST_WIDGETS = {"cases", "buttons", "form_fields"}


def every_field(kind: NodeKind[Any]) -> list[FormField]:
    return [item for row in form_of(kind) for item in (row, *row.columns)]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.kind)
def test_every_kind_can_be_shown_in_palette_and_inspector(kind: NodeKind[Any]) -> None:
    card = kind_card(kind)
    assert card.title
    assert card.summary.endswith(".")
    assert card.icon
    for item in every_field(kind):
        assert item.label
        assert item.widget != "select" or item.options, f"{item.name} offers nothing to choose"
        assert (item.widget in LIST_WIDGETS) == bool(item.columns)


def test_a_field_has_a_name_for_people_also_inside_a_list() -> None:
    assert label_of(KINDS["agent"], "message") == "Message"
    assert label_of(KINDS["condition"], "cases.1.condition") == "Cases, 2, When"
    assert label_of(KINDS["http"], "headers.X-Key") == "Headers, X-Key"
    assert label_of(KINDS["agent"], "nothing.of.it") == "nothing, of, it"


def test_a_field_knows_its_bounds_and_when_it_is_shown() -> None:
    fields = {item.name: item for kind in ALL if kind.kind == "http" for item in form_of(kind)}
    assert (fields["timeout_s"].low, fields["timeout_s"].high) == (0, 300)
    assert fields["body_json"].show_if == ("body_type", "json")
    assert fields["headers"].is_advanced
