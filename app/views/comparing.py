"""Two runs side by side: how each step went in the one and in the other, and what differs."""

from dataclasses import dataclass

from app.views.runs import RunDetail


@dataclass(frozen=True, slots=True)
class StepPair:
    """One node over all its iterations in both runs; statuses are "" where it did not come to it.

    `difference`: same | output (it gave something else) | status | only_a | only_b.
    """

    node: str
    label: str
    difference: str
    status_a: str
    status_b: str
    ms_a: float
    ms_b: float
    tokens_a: int
    tokens_b: int
    cost_micros_a: int
    cost_micros_b: int
    ports_a: tuple[str, ...] = ()
    ports_b: tuple[str, ...] = ()
    count_a: int = 0
    count_b: int = 0
    changed: tuple[str, ...] = ()  # iterations whose output differs; the first few


@dataclass(frozen=True, slots=True)
class Comparison:
    """`workflow` is b's definition, with the steps that only a has beside it; `is_same_version` when both ran the same one."""

    a: RunDetail
    b: RunDetail
    steps: tuple[StepPair, ...]
    is_same_version: bool
    has_same_inputs: bool
    has_same_output: bool
