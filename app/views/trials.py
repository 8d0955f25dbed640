"""What a visitor sees of a trial of a listing."""

from dataclasses import dataclass

from engine.json import JsonObject


@dataclass(frozen=True, slots=True)
class TrialButton:
    """A way to answer; `style` is primary, danger or neutral."""

    id: str
    label: str
    style: str


@dataclass(frozen=True, slots=True)
class TrialQuestion:
    """What a person would be asked at this point. A trial with the `answers` so far and `id: the id of a button` goes on here."""

    id: str
    title: str
    message: str  # Markdown
    buttons: tuple[TrialButton, ...]
    fields: tuple[str, ...]  # what the person could fill in besides; a trial takes it as it is proposed


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How a trial stands: `output` once it went well, `problem` once it failed, `question` where a person would be asked, which ends it."""

    id: str
    status: str
    is_over: bool
    output: JsonObject
    problem: str
    seconds: float
    question: TrialQuestion | None = None
