"""Steps that pass on what came in, where that is only which way was taken; the checker says so before a person or a caller is shown it."""

from collections.abc import Callable, Iterator
from itertools import islice

from engine.errors import Finding
from engine.graph.fixes import content_fixes
from engine.graph.outline import NodeView, ScopeView
from engine.graph.report import Report
from engine.json import JsonSchema
from engine.spec.workflow import UNDO_PORT

_SHOWN = ("People would be shown only which way was taken.", "Write what they should decide on.")
_GIVEN = ("The result would be only which way was taken.", "Choose what the run gives back.")
_FARTHEST = 200  # steps that are looked through for one worth showing


def check_decisions(scope: ScopeView, schema_of: Callable[[NodeView], JsonSchema], report: Report) -> None:
    """Warn about nodes with an empty field that only decisions lead to."""
    passing = [(node, field) for node in scope.nodes if node.kind and node.config and (field := node.kind.passes_on(node.config))]
    if not passing:
        return
    before: list[list[int]] = [[] for _ in scope.nodes]
    for source, edges in enumerate(scope.edges):
        for port, target in edges:
            if port != UNDO_PORT:
                before[target].append(source)
    for node, field in passing:
        leading = [scope.nodes[slot].kind for slot in before[node.slot]]
        if leading and all(kind is not None and kind.only_decides for kind in leading):
            nearest = (scope.nodes[slot] for slot in islice(_back(before, node.slot), _FARTHEST))
            message, remedy = _GIVEN if node.kind is not None and node.kind.is_exit else _SHOWN
            fixes = content_fixes(nearest, schema_of, node, field)
            if fixes:
                report.add(Finding("only_decision", message, remedy, "warning", node.id, field, fixes=fixes))


def _back(before: list[list[int]], slot: int) -> Iterator[int]:
    """Everything that leads there, the nearest first."""
    near, seen = [slot], {slot}
    for at in near:
        for source in before[at]:
            if source not in seen:
                seen.add(source)
                near.append(source)
                yield source
