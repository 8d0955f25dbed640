"""What a test run does differently from a production run: which steps take part, pinned outputs, given settings, stubbed effects."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.json import JsonObject, JsonValue

MAX_PINS = 1000
MAX_GIVEN = 1000
_Node = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Pin(BaseModel):
    """An output that is used instead of running the step, and the way out it is used at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    output: JsonValue = None
    port: _Node = "out"


class RunSetup(BaseModel):
    """Empty for every triggered run; the plan of a test run carries what is special about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    only: tuple[_Node, ...] | None = None  # the steps that take part; None: all
    pins: dict[_Node, Pin] = Field(default_factory=dict, max_length=MAX_PINS)
    given: dict[str, JsonObject] = Field(default_factory=dict, max_length=MAX_GIVEN)  # place_key -> settings, instead of its own
    is_dry: bool = False  # effects are stubbed, nothing is waited for; `people` says whether anybody is asked
    models: Literal["as_set", "demo"] = "as_set"
    reach: Literal["as_set", "nothing"] = "as_set"  # nothing: of a dry run, that it does not even read outside
    people: Literal["stand_in", "ask"] = "stand_in"  # ask: of a dry run, that it waits at an approval as a real one does
    presses: dict[_Node, _Node] = Field(default_factory=dict, max_length=MAX_PINS)  # the buttons that answer those approvals
    unknown: Literal["ask", "fail"] = "ask"  # an interrupted call that may have happened: ask a person, or fail where nobody can look


def place_key(node: str, iteration: str) -> str:
    """How `given` names a step."""
    return f"{node}@{iteration}"
