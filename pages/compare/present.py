"""Presents two compared runs: totals, one line per step, and the badges of the canvas."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.views import words
from app.views.comparing import Comparison, StepPair
from app.views.runs import RunRow
from engine.json import JsonObject
from pages.runs.present import RunItem

_EXCERPT = 60

_DIFFERENCES = {
    "same": "Same",
    "output": "Gave something else",
    "status": "Ended differently",
    "only_a": "Only in A",
    "only_b": "Only in B",
}


@dataclass(frozen=True)
class PairItem:
    """One step in both runs."""

    node: str
    label: str
    difference: str
    words: str
    status_a: str
    status_b: str
    time_a: str
    time_b: str
    tokens_a: str
    tokens_b: str
    cost_a: str
    cost_b: str
    changed: str


@dataclass(frozen=True)
class TotalItem:
    """One figure of both runs, and how much b has more or less."""

    label: str
    a: str
    b: str
    change: str


def run_choices(shown: Iterable[RunItem], nearby: Iterable[RunItem]) -> list[dict[str, str]]:
    """Runs that one side can show, newest first, told apart by when they began, how they stand and what they were given."""
    found = {item.id: item for item in (*shown, *nearby)}
    items = sorted(found.values(), key=lambda item: item.id, reverse=True)
    labels = [" · ".join(filter(None, (item.started_at, item.status, item.excerpt[:_EXCERPT]))) for item in items]
    return [{"value": item.id, "label": label} for item, label in zip(items, labels, strict=True)]


def pair_items(comparison: Comparison) -> list[PairItem]:
    """Present every step; what differs first."""
    items = [_pair(pair) for pair in comparison.steps]
    return sorted(items, key=lambda item: item.difference == "same")


def _pair(pair: StepPair) -> PairItem:
    entries = [part for part in pair.changed if part]
    return PairItem(
        node=pair.node,
        label=pair.label,
        difference=pair.difference,
        words=_DIFFERENCES[pair.difference],
        status_a=pair.status_a,
        status_b=pair.status_b,
        time_a=words.duration(pair.ms_a) if pair.status_a else "",
        time_b=words.duration(pair.ms_b) if pair.status_b else "",
        tokens_a=words.count(pair.tokens_a) if pair.status_a else "",
        tokens_b=words.count(pair.tokens_b) if pair.status_b else "",
        cost_a=words.money(pair.cost_micros_a) if pair.status_a else "",
        cost_b=words.money(pair.cost_micros_b) if pair.status_b else "",
        changed=f"entries {', '.join(entries)}" if entries else "",
    )


def total_items(a: RunRow, b: RunRow) -> list[TotalItem]:
    """Time at work, waiting, tokens and money."""
    works = [row.worked_ms or 0.0 for row in (a, b)]
    tokens = [row.input_tokens + row.output_tokens for row in (a, b)]
    return [
        TotalItem("Time at work", words.duration(works[0]), words.duration(works[1]), _change(works[0], works[1])),
        TotalItem("Time waiting", words.duration(a.waited_ms), words.duration(b.waited_ms), _change(a.waited_ms, b.waited_ms)),
        TotalItem("Tokens", words.count(tokens[0]), words.count(tokens[1]), _change(tokens[0], tokens[1])),
        TotalItem("Cost", words.money(a.cost_micros), words.money(b.cost_micros), _change(a.cost_micros, b.cost_micros)),
    ]


def _change(before: float, after: float) -> str:
    if before == after:
        return "same"
    if before == 0:
        return "more"
    share = round((after - before) / before * 100)
    return f"{share:+d} %" if share else "about the same"


def pair_badges(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """What the canvas shows of each step: how it went in b, where it did not run there how in a, and which ways each took."""
    return {pair.node: _badge(pair) for pair in comparison.steps}


def _badge(pair: StepPair) -> dict[str, Any]:
    status = pair.status_a if pair.difference == "only_a" else pair.status_b or pair.status_a
    times = " → ".join(words.duration(ms) for ms, there in ((pair.ms_a, pair.status_a), (pair.ms_b, pair.status_b)) if there)
    return {
        "status": status,
        "compared": _DIFFERENCES[pair.difference],
        "differs": pair.difference != "same",
        "times": times,
        "ports": " ".join(pair.ports_a),
        "ports_b": " ".join(pair.ports_b),
    }


def both_workflows(comparison: Comparison) -> JsonObject:
    """B's definition, with the steps and connections that only A has put to it, so that both ways fit on one canvas."""
    a, b = comparison.a.workflow, comparison.b.workflow
    if comparison.is_same_version:
        return b
    nodes: list[JsonObject] = [*(b.get("nodes") or [])]
    known = {node["id"] for node in nodes}
    edges: list[JsonObject] = [*(b.get("edges") or [])]
    there = {(edge["source"], edge.get("port", "out"), edge["target"]) for edge in edges}
    gone: list[JsonObject] = [node for node in a.get("nodes") or [] if node["id"] not in known]
    known |= {node["id"] for node in gone}
    parents = {node["id"]: node.get("parent") for node in [*nodes, *gone]}
    old: list[JsonObject] = [
        edge for edge in a.get("edges") or [] if (edge["source"], edge.get("port", "out"), edge["target"]) not in there
    ]
    fitting = [edge for edge in old if {edge["source"], edge["target"]} <= known and parents[edge["source"]] == parents[edge["target"]]]
    return {**b, "nodes": [*nodes, *gone], "edges": [*edges, *fitting]}
