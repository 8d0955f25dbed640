"""Says in plain words why a run waits; the run row keeps the sentence."""

from collections.abc import Callable, Sequence

from app.services.runs.projection import parse_stamp
from engine.json import JsonObject

FOR_WORKER = "Waiting for a free worker."
_LONGEST = 400
_MOST_NAMED = 3


def waiting_text(reasons: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    """One sentence per kind of reason of a RUN_WAITING event, most pressing first."""
    sentences = [
        sentence(group, label)
        for reason, sentence in _SENTENCES.items()
        if (group := [item for item in reasons if item.get("reason") == reason])
    ]
    return " ".join(sentences)[:_LONGEST]


def _names(group: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    names = list(dict.fromkeys(f"“{label(str(item.get('node', '')))}”" for item in group))
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _unknown(group: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    return f"{_names(group, label)} was interrupted in a call that may have happened: decide whether to repeat it."


def _approval(group: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    what = "a decision" if len(group) == 1 else f"{len(group)} decisions"
    return f"Waiting for {what}{_until(group)}: {_names(group, label)}."


def _until(group: Sequence[JsonObject]) -> str:
    due = min((stamp for item in group if (stamp := parse_stamp(item.get("until")))), default=None)
    return f" until {due:%d %b %Y %H:%M:%S} UTC" if due else ""


def _delay(group: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    return f"Paused{_until(group)}: {_names(group, label)}."


def _retry(group: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    return f"Waiting{_until(group)} to try again: {_names(group, label)}."


def _child(group: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    what = "a sub-workflow" if len(group) == 1 else f"{len(group)} sub-workflows"
    return f"Waiting for {what}{_until(group)}: {_names(group, label)}."


def _signal(group: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    keys = list(dict.fromkeys(str(item.get("key") or "") for item in group))
    what = f"the signal “{keys[0]}”" if len(keys) == 1 else f"{len(keys)} signals"
    return f"Waiting for {what}{_until(group)}: {_names(group, label)}."


def _held(group: Sequence[JsonObject], label: Callable[[str], str]) -> str:
    """Each reason once, with the first moment at which it may be over."""
    notes = list(dict.fromkeys(str(item.get("note") or "It may not go on now.") for item in group))
    due = _until(group)
    goes_on = f" Goes on{due.replace(' until', ' at')}." if due else ""
    return f"{' '.join(notes[:_MOST_NAMED])} {_names(group, label)} waits.{goes_on}"


_SENTENCES: dict[str, Callable[[Sequence[JsonObject], Callable[[str], str]], str]] = {
    "unknown_effect": _unknown,
    "budget": _held,
    "approval": _approval,
    "reserved": _held,
    "rate_limit": _held,
    "breaker": _held,
    "retry": _retry,
    "delay": _delay,
    "child": _child,
    "signal": _signal,
}
