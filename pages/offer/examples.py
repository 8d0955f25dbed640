"""The examples that fill the form of a trial: how they stand in its fields, and what they replace there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.views.market import InputExample
from components.forms.answers import AnswerField, as_text

SOURCES = {"test": "From the seller's test of this name, shown under Sample runs.", "form": "From the examples beside the fields."}
SOLE = {"test": "From the seller's test “{name}”, shown under Sample runs.", "form": "From the examples beside the fields."}


@dataclass(frozen=True, slots=True)
class ExampleItem:
    """One example as texts for every field; what it says nothing of has the field's starting text."""

    value: str = ""
    label: str = ""
    source: str = ""
    texts: dict[str, str] = field(default_factory=dict[str, str])


def example_items(examples: Sequence[InputExample], fields: Sequence[AnswerField]) -> list[ExampleItem]:
    """Present them for a form that nobody has typed into yet."""
    told = SOURCES if len(examples) > 1 else SOLE
    return [
        ExampleItem(str(index), one.name, told.get(one.source, "").format(name=one.name), _texts(one, fields))
        for index, one in enumerate(examples)
    ]


def _texts(example: InputExample, fields: Sequence[AnswerField]) -> dict[str, str]:
    return {one.name: as_text(example.inputs[one.name], one.type) if one.name in example.inputs else one.value for one in fields}


def put(fields: Sequence[AnswerField], texts: Mapping[str, str]) -> list[AnswerField]:
    """The fields with other texts."""
    return [replace(one, value=texts.get(one.name, one.value)) for one in fields]


def replaced(fields: Sequence[AnswerField], texts: Mapping[str, str]) -> dict[str, str]:
    """What stands in the fields that these texts change."""
    return {one.name: one.value for one in fields if texts.get(one.name, one.value) != one.value}
