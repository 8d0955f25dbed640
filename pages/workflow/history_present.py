"""Turns versions and comparisons into what the history panel shows."""

from dataclasses import dataclass, field
from datetime import datetime

from app.views import words
from app.views.history import DRAFT, Comparison, FieldWords, StepWords, VersionRow
from engine.json import JsonObject

_ORIGINS = {"edit": "while editing", "run": "for a run", "name": "named", "restore": "restored"}


@dataclass(frozen=True)
class VersionItem:
    """One line of the list; `title` is its name or its number."""

    id: str
    title: str
    name: str
    note: str
    told: str
    is_draft: bool = False
    is_current: bool = False


@dataclass(frozen=True)
class ComparisonItem:
    """What differs between two versions, ready to read; `words` sums it up, `is_same` says that nothing but places differs."""

    title: str = ""
    words: str = ""
    steps: list[StepWords] = field(default_factory=list[StepWords])
    own: list[FieldWords] = field(default_factory=list[FieldWords])
    edges_added: list[str] = field(default_factory=list[str])
    edges_removed: list[str] = field(default_factory=list[str])
    hidden: int = 0
    is_same: bool = True


def version_item(row: VersionRow, *, now: datetime) -> VersionItem:
    """Present one version."""
    title = "Draft" if row.id == DRAFT else row.name or f"Version {row.number}"
    origin = f"brought back from {row.restored_from}" if row.restored_from else _ORIGINS.get(row.origin, "")
    steps = "1 step" if row.node_count == 1 else f"{row.node_count} steps"
    number = f"version {row.number}" if row.name else ""
    parts = [words.ago(row.created_at, now=now), row.created_by, number, "" if row.id == DRAFT else origin, steps]
    told = " · ".join(part for part in parts if part)
    return VersionItem(row.id, title, row.name, row.note, told, row.id == DRAFT, row.is_current)


def comparison_item(found: Comparison, *, now: datetime) -> ComparisonItem:
    """Present a comparison, from the older to the newer side."""
    newer = version_item(found.newer, now=now).title
    if found.older is None:
        return ComparisonItem(title=newer, words="It is the first version; nothing stands before it.")
    older = version_item(found.older, now=now).title
    counts = {change: sum(step.change == change for step in found.steps) for change in ("added", "changed", "removed")}
    parts = [f"{number} {change}" for change, number in counts.items() if number]
    if found.moved:
        parts.append(f"{found.moved} moved")
    return ComparisonItem(
        title=f"{older} → {newer}",
        words=", ".join(parts),
        steps=list(found.steps),
        own=list(found.own),
        edges_added=list(found.edges_added),
        edges_removed=list(found.edges_removed),
        hidden=found.hidden,
        is_same=not (found.steps or found.own or found.edges_added or found.edges_removed),
    )


def on_canvas(found: Comparison) -> JsonObject:
    """What the canvas draws of a comparison: both definitions, and which steps differ."""
    changes = {step.node: step.change for step in found.steps} if found.older else {}
    return {"before": found.before if found.older else found.after, "after": found.after, "changes": changes}
