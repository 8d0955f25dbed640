"""What a visitor sees of a trial of a listing."""

from dataclasses import dataclass

from engine.json import JsonObject


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How a trial stands: `output` once it went well, `problem` once it failed."""

    id: str
    status: str
    is_over: bool
    output: JsonObject
    problem: str
    seconds: float
