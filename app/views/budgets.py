"""Budgets as pages see them: the caps, what of them is used, and who may change them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CapView:
    """One cap in words; `typed` is what its field shows, `percent` how much of it is used."""

    name: str  # money | tokens | time | steps
    label: str
    typed: str
    words: str
    percent: int


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget with all four caps, of which some are empty. `level` is 80 or 100 once that share of a cap is used, else 0."""

    scope: str
    subject: str
    period: str
    title: str
    caps: tuple[CapView, ...]
    level: int
    waiting: int  # runs that wait for it
    resets: str  # when its period ends, in words
    can_edit: bool

    @property
    def is_set(self) -> bool:
        """Whether it caps anything."""
        return any(cap.typed for cap in self.caps)


@dataclass(frozen=True, slots=True)
class RateView:
    """How fast runs may ask a provider, as its fields show it; "" is no limit."""

    provider: str
    requests: str
    tokens: str
    calls: str


@dataclass(frozen=True, slots=True)
class PolicyView:
    """How the workspace treats its models."""

    fallback_models: tuple[str, ...]
    rates: tuple[RateView, ...]
