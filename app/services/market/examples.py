"""Inputs to try a listing with. They are taken from what its page shows to everybody: sample runs, and the examples of its form."""

from collections.abc import Iterable

from app.views.market import InputExample, SampleRun
from engine.json import JsonObject, JsonValue
from engine.nodes.fields import FormField

OF_THE_FORM = "Example of the form"


def examples_of(samples: Iterable[SampleRun], form: Iterable[FormField]) -> tuple[InputExample, ...]:
    """The inputs of the samples that fill in any field, each once, then the form's own example where no sample has the same."""
    fields = tuple(form)
    asked = {field.name for field in fields}
    found = [InputExample(one.name, "test", {name: one.inputs[name] for name in one.inputs if name in asked}) for one in samples]
    own: JsonObject = {field.name: field.example for field in fields if not _is_nothing(field.example)}
    distinct: list[InputExample] = []
    for example in (*found, InputExample(OF_THE_FORM, "form", own)):
        given = {name: value for name, value in example.inputs.items() if not _is_nothing(value)}
        if given and given not in [other.inputs for other in distinct]:
            distinct.append(InputExample(example.name, example.source, given))
    return tuple(distinct)


def _is_nothing(value: JsonValue) -> bool:
    return value is None or value == "" or value == [] or value == {}
