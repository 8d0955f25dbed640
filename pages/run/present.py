"""Turns a run's detail into what its page shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.views import words
from app.views.runs import RunLink, Said, StepDetail, StepRow
from engine.json import JsonObject, JsonValue
from engine.nodes.registry import code_names, field_titles, step_name
from engine.spec.workflow import MAX_NESTING
from engine.words import as_words
from pages.run.fork_origin import OriginItem

PERSON = "user"  # who gives the task and gets the answer
_COUNTED = {"map": "item", "batch": "group", "loop": "pass", "region": ""}
ENDED = ("done", "failed", "skipped", "cancelled")
SOURCES = {
    "kept": "kept of an earlier run",
    "edited": "written by hand",
    "pinned": "pinned output",
    "stubbed": "made up in the dry run",
    "left_out": "left out",
}


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
    source: str = ""


@dataclass(frozen=True)
class SaidItem:
    """One line of what the agents of a step told one another; `is_answer` ends it."""

    sender: str
    receiver: str
    text: str
    is_person: bool
    is_answer: bool


@dataclass(frozen=True)
class RunLinkItem:
    """Another run of the family."""

    href: str = ""
    title: str = ""
    status: str = ""
    figures: str = ""


@dataclass(frozen=True)
class StepPanel:
    """The chosen step with its values."""

    key: str = ""
    label: str = ""
    node: str = ""
    status: str = ""
    attempt: int = 1
    way: str = ""
    source: str = ""
    started: str = ""
    duration: str = ""
    so_far_ms: float = 0.0
    waited_ms: float = 0.0
    tokens: str = ""
    cost: str = ""
    error: str = ""
    error_title: str = ""
    inputs: Any = None
    output: Any = None
    input_names: dict[str, str] = field(default_factory=dict[str, str])
    code_names: list[str] = field(default_factory=list[str])
    has_inputs: bool = False
    has_output: bool = False
    transcript: list[SaidItem] = field(default_factory=list[SaidItem])
    is_start: bool = False
    can_fork: bool = False
    child: RunLinkItem = field(default_factory=RunLinkItem)
    written: str = ""


@dataclass(frozen=True)
class RunFacts:
    """What the page must know beside the run: what the person may, how many steps are not listed, where it comes from, the runs above."""

    can_run: bool = False
    hidden_steps: int = 0
    origin: OriginItem = field(default_factory=OriginItem)
    above: list[RunLinkItem] = field(default_factory=list[RunLinkItem])


@dataclass(frozen=True)
class Labels:
    """What people call the nodes of the pinned workflow."""

    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    order: Mapping[str, int] = field(default_factory=dict[str, int])
    around: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])  # what each part of an iteration counts
    ways: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    parents: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def containers(self) -> frozenset[str]:
        """Steps with others inside."""
        return frozenset(self.parents.values())


def run_link(link: RunLink | None) -> RunLinkItem:
    """Present another run; an empty item for none."""
    if link is None:
        return RunLinkItem()
    figures = [f"{words.count(link.tokens)} tokens" if link.tokens else "", words.money(link.cost_micros) if link.cost_micros else ""]
    return RunLinkItem(f"/runs/{link.id}", link.title or "Untitled", link.status, " · ".join(part for part in figures if part))


def labels_of(workflow: JsonObject) -> Labels:
    """Read labels, kinds and canvas order from a pinned definition."""
    nodes: list[JsonObject] = workflow.get("nodes") or []
    return Labels(
        {node["id"]: step_name(node["id"], node.get("kind", ""), node.get("label") or "") for node in nodes},
        {node["id"]: node["kind"] for node in nodes},
        {node["id"]: index for index, node in enumerate(nodes)},
        _words_around({node["id"]: node for node in nodes}),
        _ways(nodes),
        {node["id"]: node["parent"] for node in nodes if node.get("parent")},
    )


def is_cut_short(steps: Iterable[StepRow], labels: Labels) -> bool:
    """Whether the steps alone do not tell what it was that went through a list and did not come to its end; the journal does."""
    return any(step.node in labels.containers and step.status == "cancelled" for step in steps)


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


def telling_entries(steps: Iterable[StepRow]) -> dict[str, str]:
    """For each node the iteration whose values say most: one that failed, else the first."""
    found: dict[str, StepRow] = {}
    for step in steps:
        known = found.setdefault(step.node, step)
        if step.status == "failed" and known.status != "failed":
            found[step.node] = step
    return {node: step.iteration for node, step in found.items()}


def part_of(step: StepRow, labels: Labels) -> str:
    """Which entry or pass of the containers around it a step is, such as "item 4 · pass 1"; empty outside of containers."""
    return _part(step.iteration, labels.around.get(step.node, ()))


def _item(step: StepRow, labels: Labels) -> StepItem:
    return StepItem(
        key=f"{step.node}@{step.iteration}",
        node=step.node,
        iteration=step.iteration,
        label=labels.labels.get(step.node, step.node),
        kind=labels.kinds.get(step.node, ""),
        part=part_of(step, labels),
        status=step.status,
        figures=_figures(step, _time(step, labels)),
        error=str((step.error or {}).get("message", "")),
        is_nested=step.iteration != "",
        source=SOURCES.get(step.reason, "") if step.status in ENDED else "",
    )


def _part(iteration: str, around: Sequence[str]) -> str:
    """ "3/0~2" reads "item 4 · pass 1, try 2"."""
    pieces = iteration.split("/") if iteration else []
    return " · ".join(_piece(piece, around[at] if at < len(around) else "item") for at, piece in enumerate(pieces))


def _piece(piece: str, word: str) -> str:
    index, _, tries = piece.partition("~")
    named = f"{word} {int(index) + 1}" if index.isdecimal() else piece
    return f"{named}, try {tries}" if tries else named


def _time(step: StepRow, labels: Labels) -> str:
    """Its time of work and of waiting; that of a container is told by the steps inside."""
    return "" if step.node in labels.containers else words.work_and_wait(step.duration_ms, step.waited_ms)


def _figures(step: StepRow, time: str) -> str:
    tokens = step.input_tokens + step.output_tokens
    parts = [] if step.status == "running" else [time]  # while it goes on, the panel counts
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
        child=run_link(step.child),
        key=f"{step.node}@{step.iteration}",
        label=labels.labels.get(step.node, step.node),
        node=step.node,
        status=step.status,
        attempt=step.attempt,
        way=way_of(labels, step),
        source=SOURCES.get(step.reason, "") if step.status in ENDED else "",
        started=words.stamp(step.started_at),
        duration=_time(step, labels),
        so_far_ms=round(step.duration_ms or 0.0),
        waited_ms=round(step.waited_ms),
        tokens=words.count(step.input_tokens + step.output_tokens),
        cost=words.money(step.cost_micros),
        error=str(error.get("message", "")),
        error_title=_error_title(error),
        inputs=_with_names(detail.inputs, detail.agents),
        input_names=field_titles(labels.kinds.get(step.node, "")),
        code_names=code_names(labels.kinds.get(step.node, "")),
        output=_named(detail.output, detail.people),
        has_inputs=bool(detail.inputs),
        has_output=step.status == "done" or detail.output is not None,
        is_start=labels.kinds.get(step.node) == "start",
        can_fork=step.status in ENDED and step.status != "skipped",
        transcript=[_said_item(said) for said in detail.transcript],
        written=detail.written,
    )


def _said_item(said: Said) -> SaidItem:
    return SaidItem(_speaker(said.sender), _speaker(said.receiver), said.text, said.sender == PERSON, said.receiver == PERSON)


def _speaker(slug: str) -> str:
    return "Workflow" if slug == PERSON else as_words(slug)


def _named(output: JsonValue, people: Mapping[str, str]) -> JsonValue:
    """The output with names in place of the ids of people who decided."""
    if isinstance(output, dict) and str(output.get("by")) in people:
        return {**output, "by": people[str(output["by"])]}
    return output


def _with_names(inputs: JsonValue, agents: Mapping[str, str]) -> JsonValue:
    """The settings with agents by name instead of by key."""
    if not (isinstance(inputs, dict) and agents):
        return inputs
    named = {name: agents.get(str(inputs[name]), inputs[name]) for name in ("agent",) if name in inputs}
    several = inputs.get("agents")
    if isinstance(several, list):
        named["agents"] = [agents.get(str(key), key) for key in several]
    return {**inputs, **named}


def _error_title(error: JsonObject) -> str:
    """ "http_status" reads "HTTP status"."""
    return as_words(str(error.get("code", "")))


def way_of(labels: Labels, step: StepRow) -> str:
    """The way out that was taken, in the words of the step's settings; "" where there is only one."""
    if not step.port or step.port == "out":
        return ""
    return labels.ways.get((step.node, step.port)) or as_words(step.port)


def input_labels(workflow: JsonObject) -> dict[str, str]:
    """What people call the fields that the run was given."""
    nodes: list[JsonObject] = workflow.get("nodes") or []
    start = next((node for node in nodes if node["kind"] == "start" and not node.get("parent")), None) or {}
    fields: list[JsonObject] = (start.get("config") or {}).get("fields") or []
    return {str(one.get("name")): str(one["title"]) for one in fields if one.get("title")}


def _ways(nodes: Sequence[JsonObject]) -> dict[tuple[str, str], str]:
    """Labels of the cases and buttons that name ways out."""
    found: dict[tuple[str, str], str] = {}
    for node in nodes:
        for value in (node.get("config") or {}).values():
            for one in value if isinstance(value, list) else ():
                if isinstance(one, dict) and one.get("id") and one.get("label"):
                    found[node["id"], str(one["id"])] = str(one["label"])
    return found
