"""What happens after a failure: how long to wait before the next attempt, and the error as the journal and people see it."""

import random
from collections.abc import Mapping
from typing import Any

from engine.agents.turn import BILLED
from engine.errors import NodeFailed, Transient
from engine.expressions.errors import FAILURES
from engine.json import JsonObject, clean_text, clean_value
from engine.nodes.base import NodeKind
from engine.nodes.forms import label_of
from engine.ports import NO_USAGE, Usage
from engine.spec.workflow import Retry

LONGEST_DELAY_S = 86_400.0
MAX_MESSAGE = 4000


def retry_delay(policy: Retry, error: NodeFailed, attempt: int, rng: random.Random) -> float | None:
    """Seconds until the next attempt (exponential back-off, full jitter, at least what the other side asked for), or None."""
    if not error.retryable or attempt >= policy.attempts:
        return None
    ceiling = min(policy.max_delay_s, policy.delay_s * 2.0 ** (attempt - 1))
    delay = rng.uniform(0.0, ceiling)
    if isinstance(error, Transient) and error.delay_s is not None:
        delay = max(delay, error.delay_s)
    return min(delay, LONGEST_DELAY_S)


def error_value(error: NodeFailed, node: str | None, kind: NodeKind[Any] | None = None) -> JsonObject:
    """The failure as JSON; what an error branch gets as `{{ node.message }}`. With its kind, a field is named as people read it."""
    message = error.message
    if kind is not None and error.field and error.code in FAILURES:
        message = f"{label_of(kind, error.field)}: {message}"
    value: JsonObject = {"code": error.code, "message": clean_text(message)[:MAX_MESSAGE], "node": node}
    if error.field is not None:
        value["field"] = error.field
    if error.details:
        value["details"] = clean_value(error.details)
    return value


def spent(facts: Mapping[str, JsonObject]) -> Usage:
    """What the model calls among a node's recorded facts consumed."""
    calls = (Usage(**fact["usage"]) for fact in facts.values() if fact.get("type") in BILLED and fact.get("usage"))
    return sum(calls, NO_USAGE)
