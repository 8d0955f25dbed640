"""What pages and the API may see of how a workspace's workflows do: how many runs succeed, how long they take, what they cost."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Figures:
    """Runs that ended, by how; times without waits, in milliseconds, None while none succeeded; costs in micro-dollars."""

    runs: int
    succeeded: int
    failed: int
    cancelled: int
    median_ms: float | None
    p95_ms: float | None
    cost_micros: int


@dataclass(frozen=True, slots=True)
class WorkflowFigures:
    """One workflow; `name` as its newest run had it."""

    workflow_id: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day in UTC."""

    day: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class Performance:
    """A period, both days included; with `is_partial` only its newest runs were looked at."""

    since: date
    until: date
    total: Figures
    workflows: tuple[WorkflowFigures, ...]
    days: tuple[DayFigures, ...]
    is_partial: bool
