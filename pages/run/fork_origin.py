"""Where a run comes from, in words; the run page shows it above everything else."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.views.forks import ForkOrigin

_HOWS = {
    "from": "This run continues another one from “{}” on.",
    "failed": "This run continues another one from what failed.",
    "moment": "This run continues another one from a chosen moment.",
    "step": "This run did one step only: “{}”.",
    "until": "This run went only as far as “{}”.",
}


@dataclass(frozen=True)
class OriginItem:
    """Where a run comes from; `words` is "" for a run of its own."""

    run_id: str = ""
    words: str = ""
    dropped: str = ""


def origin_item(fork: ForkOrigin | None, labels: Mapping[str, str]) -> OriginItem:
    """Present where a run was forked from."""
    if fork is None:
        return OriginItem()
    words = _HOWS.get(fork.how, "This run continues another one.").format(labels.get(fork.node, fork.node))
    edited = sorted({labels.get(edit.partition("@")[0], edit) for edit in fork.edits})
    if edited:
        words += f" Written by hand: {', '.join(edited)}."
    if fork.version == "current":
        words += " It ran on the workflow as it stood when it was started."
    dropped = ", ".join(labels.get(one.node, one.label) for one in fork.dropped)
    return OriginItem(str(fork.run_id or ""), words, f"Results that no longer fitted were dropped: {dropped}." if dropped else "")
