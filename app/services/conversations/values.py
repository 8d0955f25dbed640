"""Test values: what the variables in an agent's instructions are during a chat, where no workflow fills them."""

from app.core.errors import Invalid
from app.core.text import text_problem
from engine.expressions.analysis import analyze_template
from engine.json import as_object
from engine.spec.agent import AgentSpec

MAX_VALUE = 4000


def checked_values(spec: AgentSpec, values: object) -> dict[str, str]:
    """Return the values of the inputs that the instructions name; raises Invalid for those that are needed and missing."""
    given = as_object(values) or {}
    problems: dict[str, str] = {}
    kept: dict[str, str] = {}
    for name, is_needed in input_names(spec.instructions).items():
        value = given.get(name, "")
        label = f"The value of {name}"
        if problem := text_problem(value, max_length=MAX_VALUE, label=label):
            problems[name] = problem
        elif value:
            kept[name] = str(value)
        elif is_needed:
            problems[name] = f"Give {name} a value under “Test values”: the instructions use it."
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    return kept


def input_names(instructions: str) -> dict[str, bool]:
    """Return each `inputs.x` of a sound template, and whether it must have a value (it is used outside any test for it)."""
    names: dict[str, bool] = {}
    for reference in analyze_template(instructions).references:
        if reference.root == "inputs" and len(reference.path) > 1 and isinstance(reference.path[1], str):
            name = f"inputs.{reference.path[1]}"
            names[name] = names.get(name, False) or not reference.guarded
    return {name: is_needed for name, is_needed in names.items() if name != "inputs.messages"}
