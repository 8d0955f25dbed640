"""Turns a run's detail into what its page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.views import words
from app.views.runs import Said, StepDetail, StepRow
from engine.json import JsonObject
from engine.spec.workflow import MAX_NESTING

PERSON = "user"  # who gives the task and gets the answer
_COUNTED = {"map": "item", "batch": "group", "loop": "pass", "region": ""}


@dataclass(frozen=True)
class StepItem:
    """One line of the step list; `key` is node and iteration, `figures` its time, tokens and cost."""

    key: str
    node: str
    iteration: str
    label: str
    kind: str
    part: str
    status: str
    figures: str
    error: str
    is_nested: bool


@dataclass(frozen=True)
class SaidItem:
    """One line of what the agents of a step told one another; `is_answer` ends it."""

    sender: str
    receiver: str
    text: str
    is_person: bool
    is_answer: bool


@dataclass(frozen=True)
class StepPanel:
    """The chosen step with its values."""

    key: str = ""
    label: str = ""
    node: str = ""
    status: str = ""
    attempt: int = 1
    port: str = ""
    started: str = ""
    duration: str = ""
    tokens: str = ""
    cost: str = ""
    error: str = ""
    error_code: str = ""
    inputs: Any = None
    output: Any = None
    has_output: bool = False
    transcript: list[SaidItem] = field(default_factory=list[SaidItem])


@dataclass(frozen=True)
class Labels:
    """What people call the nodes of the pinned workflow."""

    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    order: Mapping[str, int] = field(default_factory=dict[str, int])
    around: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])  # what each part of an iteration counts


def labels_of(workflow: JsonObject) -> Labels:
    """Read labels, kinds and canvas order from a pinned definition."""
    nodes: list[JsonObject] = workflow.get("nodes") or []
    return Labels(
        {node["id"]: node.get("label") or node["id"].replace("_", " ").capitalize() for node in nodes},
        {node["id"]: node["kind"] for node in nodes},
        {node["id"]: index for index, node in enumerate(nodes)},
        _words_around({node["id"]: node for node in nodes}),
    )


def _words_around(nodes: Mapping[str, JsonObject]) -> dict[str, tuple[str, ...]]:
    """For each node, what the containers around it go through, outermost first; those whose body runs once count nothing."""
    found: dict[str, tuple[str, ...]] = {}
    for node_id, node in nodes.items():
        path: list[str] = []
        parent = node.get("parent")
        while parent in nodes and len(path) < MAX_NESTING:
            word = _COUNTED.get(nodes[parent]["kind"], "item")
            path += [word] if word else []
            parent = nodes[parent].get("parent")
        found[node_id] = tuple(reversed(path))
    return found


def step_items(steps: Sequence[StepRow], labels: Labels) -> list[StepItem]:
    """Present the steps in the order they began; skipped ones come last, in drawing order."""

    def place(step: StepRow) -> tuple[bool, float, int]:
        started = step.started_at.timestamp() if step.started_at else 0.0
        return (step.status == "skipped", started, labels.order.get(step.node, 0))

    return [_item(step, labels) for step in sorted(steps, key=place)]


def _item(step: StepRow, labels: Labels) -> StepItem:
    return StepItem(
        key=f"{step.node}@{step.iteration}",
        node=step.node,
        iteration=step.iteration,
        label=labels.labels.get(step.node, step.node),
        kind=labels.kinds.get(step.node, ""),
        part=_part(step.iteration, labels.around.get(step.node, ())),
        status=step.status,
        figures=_figures(step),
        error=str((step.error or {}).get("message", "")),
        is_nested=step.iteration != "",
    )


def _part(iteration: str, around: Sequence[str]) -> str:
    """ "3/0~2" reads "item 4 · pass 1, try 2"."""
    pieces = iteration.split("/") if iteration else []
    return " · ".join(_piece(piece, around[at] if at < len(around) else "item") for at, piece in enumerate(pieces))


def _piece(piece: str, word: str) -> str:
    index, _, tries = piece.partition("~")
    named = f"{word} {int(index) + 1}" if index.isdecimal() else piece
    return f"{named}, try {tries}" if tries else named


def _figures(step: StepRow) -> str:
    tokens = step.input_tokens + step.output_tokens
    parts = [words.duration(step.duration_ms)]
    if tokens:
        parts.append(f"{words.count(tokens)} tokens")
    if step.cost_micros:
        parts.append(words.money(step.cost_micros))
    if step.attempt > 1:
        parts.append(f"attempt {step.attempt}")
    return " · ".join(part for part in parts if part)


def step_panel(detail: StepDetail, labels: Labels) -> StepPanel:
    """Present one step with everything."""
    step, error = detail.row, detail.row.error or {}
    return StepPanel(
        key=f"{step.node}@{step.iteration}",
        label=labels.labels.get(step.node, step.node),
        node=step.node,
        status=step.status,
        attempt=step.attempt,
        port=step.port or "",
        started=words.stamp(step.started_at),
        duration=words.duration(step.duration_ms),
        tokens=words.count(step.input_tokens + step.output_tokens),
        cost=words.money(step.cost_micros),
        error=str(error.get("message", "")),
        error_code=str(error.get("code", "")),
        inputs=detail.inputs,
        output=detail.output,
        has_output=step.status == "done" or detail.output is not None,
        transcript=[_said_item(said) for said in detail.transcript],
    )


def _said_item(said: Said) -> SaidItem:
    return SaidItem(_speaker(said.sender), _speaker(said.receiver), said.text, said.sender == PERSON, said.receiver == PERSON)


def _speaker(slug: str) -> str:
    return "Workflow" if slug == PERSON else slug.replace("_", " ").capitalize()
