"""The variables that the instructions editor offers: what is used already, and examples of what a workflow may hand in."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One entry of the picker, in the shape components.forms.template_field takes."""

    path: str
    type: str = ""
    detail: str = ""
    group: str = ""


_INPUTS = "Inputs of the run"
_EXAMPLES = (
    Variable(
        "inputs.customer_name",
        "text",
        "An example: any name works; a workflow's start form or the test values fill it.",
        "Inputs of the run",
    ),
    Variable("inputs.language", "text", "An example: the language to answer in.", _INPUTS),
    Variable("inputs.tone", "text", "An example: friendly, formal, brief.", _INPUTS),
    Variable("today", "date", "The current date.", "Date and time"),
    Variable("now", "time", "The current date and time.", "Date and time"),
    Variable("vars.total", "value", "A variable that an earlier step of the workflow has set.", "Variables of the workflow"),
)


def offered_variables(used: Sequence[str]) -> list[Variable]:
    """Put the used names first, then the examples that are not used yet."""
    mine = [Variable(name, "used here", "", "In these instructions") for name in used]
    return [*mine, *(example for example in _EXAMPLES if example.path not in used)]
