"""What pages see of forks: what one would keep, do again and drop, and where a run was forked from."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DroppedStep:
    """A step whose recorded result does not fit the version the fork runs on."""

    node: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class ForkPreview:
    """Node ids of the version the fork would run on; `changed` are labels of steps kept although their settings differ by now."""

    kept: tuple[str, ...]
    again: tuple[str, ...]
    dropped: tuple[DroppedStep, ...] = ()
    changed: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    is_dry: bool = False


@dataclass(frozen=True, slots=True)
class ForkOrigin:
    """Where a run was forked from. `how`: from | failed | moment | step | until; `edits`: "node@iteration field" of written values."""

    run_id: uuid.UUID | None
    how: str
    seq: int | None = None
    node: str = ""
    iteration: str = ""
    version: str = "same"
    edits: tuple[str, ...] = ()
    dropped: tuple[DroppedStep, ...] = ()
