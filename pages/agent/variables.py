"""The variables that the instructions editor offers: what is used already, a new name, and the clock."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """One entry of the picker, in the shape components.forms.template_field takes; a new one stands there to be named."""

    path: str
    type: str = ""
    detail: str = ""
    group: str = ""
    label: str = ""
    is_new: bool = False


_NEW = "New: you choose the name"
_OFFERED = (
    Variable("inputs.name", "", "A workflow's start form or the test values fill it.", _NEW, "New input…", is_new=True),
    Variable("vars.name", "", "A step “Set variables” of the workflow fills it.", _NEW, "New variable…", is_new=True),
    Variable("today", "date", "The current date.", "Date and time"),
    Variable("now", "time", "The current date and time.", "Date and time"),
)


def offered_variables(used: Sequence[str]) -> list[Variable]:
    """Put the used names first, then the new ones to be named, then the clock."""
    mine = [Variable(name, "used here", "", "In these instructions") for name in used]
    return [*mine, *(one for one in _OFFERED if one.is_new or one.path not in used)]
