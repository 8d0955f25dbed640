"""What pages and the API may see of a workspace's usage."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class UsageLine:
    """Sums of one model or workflow; costs are millionths of a US dollar."""

    id: str
    name: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_micros: int


@dataclass(frozen=True, slots=True)
class UsageSummary:
    """A period, both days included; `runs` are counts by status."""

    since: date
    until: date
    total: UsageLine
    models: tuple[UsageLine, ...]
    workflows: tuple[UsageLine, ...]
    runs: dict[str, int]
