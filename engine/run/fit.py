"""Whether recorded results still fit a newer version of the workflow: which steps are gone or are something else now, and which changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.nodes.base import NodeKind
from engine.spec.workflow import NodeSpec, WorkflowSpec


@dataclass(frozen=True, slots=True)
class Fit:
    """`unfit` says for each step why its recorded result cannot be used; `changed` names steps whose settings differ by now."""

    unfit: Mapping[str, str] = field(default_factory=dict[str, str])
    changed: frozenset[str] = frozenset()


def compare_definitions(before: WorkflowSpec, after: WorkflowSpec, kinds: Mapping[str, NodeKind[Any]]) -> Fit:
    """Judge every step of `before`."""
    present = {node.id: node for node in after.nodes}
    unfit: dict[str, str] = {}
    changed: set[str] = set()
    for node in before.nodes:
        now = present.get(node.id)
        reason = _why_unfit(node, now, kinds)
        if reason:
            unfit[node.id] = reason
        elif now is not None and (now.config, now.on_error, now.join) != (node.config, node.on_error, node.join):
            changed.add(node.id)
    return Fit(unfit, frozenset(changed))


def _why_unfit(before: NodeSpec, now: NodeSpec | None, kinds: Mapping[str, NodeKind[Any]]) -> str:
    if now is None:
        return "It is no longer in the workflow."
    if now.kind != before.kind:
        return f"It was “{_title(before.kind, kinds)}” and is “{_title(now.kind, kinds)}” now."
    if now.parent != before.parent:
        return "It was moved into or out of a container."
    return ""


def _title(kind: str, kinds: Mapping[str, NodeKind[Any]]) -> str:
    known = kinds.get(kind)
    return known.title if known is not None else kind
