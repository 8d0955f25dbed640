"""What edges see of reviews: as readers, their authors and operators do."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review as readers see it."""

    id: str
    author: str
    stars: int
    text: str
    version: str
    created_at: datetime
    is_edited: bool
    reply: str
    helpful_count: int
    is_mine: bool
    is_voted: bool
    is_reported: bool


@dataclass(frozen=True, slots=True)
class ReportReason:
    """How many people reported a review on a ground, and what they wrote with that, the newest first; reports of earlier releases
    have the ground ""."""

    ground: str
    label: str
    count: int
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HiddenReview:
    """A review that operators have hidden, as its author sees it."""

    id: str
    stars: int
    text: str
    reason: str
    hidden_at: datetime | None
    state: str  # hidden | waiting (appealed) | kept
    appeal: str
    answer: str


@dataclass(frozen=True, slots=True)
class ReportedReview:
    """A review on the operators' list; `reasons` are why people reported it, the most frequent first. The rest is of a hidden one."""

    id: str
    slug: str
    name: str
    author: str
    stars: int
    text: str
    version: str
    reports: int
    reasons: tuple[ReportReason, ...]
    is_hidden: bool
    created_at: datetime
    reported_at: datetime | None
    state: str = ""  # hidden | waiting (appealed) | kept
    hidden_reason: str = ""
    hidden_at: datetime | None = None
    hidden_by: str = ""
    appeal: str = ""
    appealed_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Reviews:
    """All that is said of a listing. `spread` counts five stars first; `problem` is why the actor may not review, or ""."""

    rows: tuple[ReviewRow, ...] = ()
    spread: tuple[int, ...] = (0, 0, 0, 0, 0)
    problem: str = ""
    can_reply: bool = False
    hidden: HiddenReview | None = None  # the actor's own
