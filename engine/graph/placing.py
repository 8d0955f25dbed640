"""Places for steps that were written without any, by a program or by hand: from left to right, the way they run.

The editor has a better layout of its own, for people who tidy up; this one only sees to it that no step hides another.
"""

from collections import defaultdict, deque
from collections.abc import Sequence

from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec

LEFT, TOP = 80.0, 80.0
COLUMN, GAP = 320.0, 60.0
WIDTH, HEAD, ROW = 240.0, 68.0, 26.0  # of a step, as the editor draws it
BORDER = 40.0  # of a container around what is in it
EMPTY = (560.0, 260.0)  # a container without steps
_Size = tuple[float, float]
_Ways = dict[str, set[str]]  # step -> ports that lead somewhere


def place(spec: WorkflowSpec, before: WorkflowSpec | None = None) -> WorkflowSpec:
    """The workflow with places for the steps of each scope in which several stand at the origin, where steps without a place are.

    Those that `before` has keep the place they have there.
    """
    if before is not None:
        spec = _as_before(spec, before)
    scopes: dict[str | None, list[NodeSpec]] = defaultdict(list)
    for node in spec.nodes:
        scopes[node.parent].append(node)
    lost = {scope for scope, nodes in scopes.items() if sum(map(_is_lost, nodes)) > 1}
    if not lost:
        return spec
    by_id: dict[str, NodeSpec] = {node.id: node for node in spec.nodes}
    ways: _Ways = defaultdict(set)
    for edge in spec.edges:
        ways[edge.source].add(edge.port)
    for scope in sorted(lost, key=lambda name: -_depth(name, by_id)):  # the inside first, for it makes the size of what is around
        inner = [by_id[node.id] for node in scopes[scope]]
        sizes = {node.id: _size(node, len(ways[node.id]), is_container=node.id in scopes) for node in inner}
        for node in _placed(inner, spec.edges, sizes):
            by_id[node.id] = node
        if scope in by_id:
            by_id[scope] = _around(by_id[scope], [by_id[node.id] for node in inner])
    return spec.model_copy(update={"nodes": tuple(by_id[node.id] for node in spec.nodes)})


def _is_lost(node: NodeSpec) -> bool:
    return node.position.x == 0 and node.position.y == 0


def _as_before(spec: WorkflowSpec, before: WorkflowSpec) -> WorkflowSpec:
    known = {node.id: node for node in before.nodes}
    kept = (
        node.model_copy(update={"position": known[node.id].position})
        if _is_lost(node) and node.id in known and known[node.id].parent == node.parent
        else node
        for node in spec.nodes
    )
    return spec.model_copy(update={"nodes": tuple(kept)})


def _depth(scope: str | None, by_id: dict[str, NodeSpec]) -> int:
    seen: set[str] = set()
    while scope in by_id and scope not in seen:
        seen.add(scope)
        scope = by_id[scope].parent
    return len(seen)


def _placed(nodes: Sequence[NodeSpec], edges: Sequence[EdgeSpec], sizes: dict[str, _Size]) -> list[NodeSpec]:
    """Those without a place, below those with one, a column for each length of the way to them."""
    missing = [node for node in nodes if _is_lost(node)]
    kept = [node for node in nodes if not _is_lost(node)]
    top = max((node.position.y + sizes[node.id][1] + GAP for node in kept), default=TOP)
    columns: dict[int, list[NodeSpec]] = defaultdict(list)
    for node, column in zip(missing, _columns(missing, edges), strict=True):
        columns[column].append(node)
    placed, left = list[NodeSpec](), LEFT
    for column in sorted(columns):
        y = top
        for node in columns[column]:
            place = node.position.model_copy(update={"x": left, "y": y})
            placed.append(node.model_copy(update={"position": place}))
            y += sizes[node.id][1] + GAP
        left += max(COLUMN, *(sizes[node.id][0] + 2 * GAP for node in columns[column]))
    return placed


def _columns(nodes: Sequence[NodeSpec], edges: Sequence[EdgeSpec]) -> list[int]:
    """The length of the longest way to each; what lies on a circle counts from where the circle is entered."""
    after: dict[str, list[str]] = {node.id: [] for node in nodes}
    waits = dict.fromkeys(after, 0)
    for edge in edges:
        if edge.source in after and edge.target in after:
            after[edge.source].append(edge.target)
            waits[edge.target] += 1
    column = dict.fromkeys(after, 0)
    ready = deque(name for name, count in waits.items() if not count)
    while ready:
        name = ready.popleft()
        for target in after[name]:
            column[target] = max(column[target], column[name] + 1)
            waits[target] -= 1
            if not waits[target]:
                ready.append(target)
    return list(column.values())


def _size(node: NodeSpec, ways: int, *, is_container: bool) -> _Size:
    usual = EMPTY if is_container else (WIDTH, HEAD + ROW * ways)
    return node.position.width or usual[0], node.position.height or usual[1]


def _around(container: NodeSpec, inner: Sequence[NodeSpec]) -> NodeSpec:
    """The container, large enough for what is in it."""
    width = max((node.position.x + (node.position.width or WIDTH) for node in inner), default=0.0) + BORDER
    height = max((node.position.y + (node.position.height or HEAD + 4 * ROW) for node in inner), default=0.0) + BORDER
    now = container.position
    size = {"width": max(EMPTY[0], width, now.width or 0.0), "height": max(EMPTY[1], height, now.height or 0.0)}
    return container.model_copy(update={"position": now.model_copy(update=size)})
