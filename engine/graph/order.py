"""Order and certainty inside one scope, for all pairs of nodes at once: who stands upstream of whom, and who may be skipped when.

Sets of nodes are Python integers used as bit sets, so that one pass over the edges answers every question about every pair.
A node runs as soon as one of its incoming edges is taken; each running node takes exactly one of its ports.
"""

from collections import deque
from dataclasses import dataclass, field

Edges = list[list[tuple[str, int]]]  # per slot: (port, target slot)


@dataclass(slots=True)
class ScopeOrder:
    """`order` is topological and leaves out what lies on a cycle; `upstream[b]` holds the bits of everything before b.

    `may_miss[b]` holds the bits of everything that can be skipped in some run in which b runs; `never_sure` the bits of
    everything that can be skipped in some run of the scope. `late[b]` holds what may not be finished yet when b starts,
    because b, or a node before it, does not wait for all its edges. Bits from `len(edges)` upwards are the extra marks.
    """

    order: list[int]
    leftover: list[int]
    upstream: list[int] = field(default_factory=list)
    may_miss: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    reachable: int = 0
    never_sure: int = 0


def order_scope(
    edges: Edges,
    ports: list[tuple[str, ...]],
    *,
    entries: list[int],
    marks: list[int],
    impatient: frozenset[int] = frozenset(),
    unsure: frozenset[int] = frozenset(),
) -> ScopeOrder:
    """Analyse one scope. `ports` names every way out of a slot, `marks` the extra bits that are set when the slot runs,
    `impatient` the slots that start before all their edges are decided, `unsure` those that may be stopped before they are done.
    An edge from a port that is not among `ports` counts as one that is hardly ever taken: it leads to an undo step."""
    result = _sort(edges)
    count = len(edges)
    result.upstream = _upstream(edges, result.order, count)
    result.late = _late(edges, result, impatient) if impatient else [0] * count
    forced = _forced(edges, ports, marks, result.order, unsure)
    everything = (1 << (count + max((mark.bit_length() for mark in marks), default=0))) - 1
    sure = 0
    for entry in entries:
        result.reachable |= 1 << entry
        sure |= forced[entry]
    result.never_sure = everything & ~sure
    result.may_miss = [0] * count
    for entry in entries:
        result.may_miss[entry] = result.never_sure
    for slot in result.order:
        if result.reachable >> slot & 1:
            _spread(edges[slot], slot, forced, result)
    return result


def _spread(outgoing: list[tuple[str, int]], slot: int, forced: list[int], result: ScopeOrder) -> None:
    """A target can run without X if the source can, and if nothing that is started by the same port forces X."""
    by_port: dict[str, int] = {}
    for port, target in outgoing:
        by_port[port] = by_port.get(port, 0) | forced[target]
    for port, target in outgoing:
        result.may_miss[target] |= result.may_miss[slot] & ~by_port[port] & ~(1 << slot)
        result.reachable |= 1 << target


def _sort(edges: Edges) -> ScopeOrder:
    waiting = [0] * len(edges)
    for outgoing in edges:
        for _, target in outgoing:
            waiting[target] += 1
    ready = deque(slot for slot, count in enumerate(waiting) if count == 0)
    order: list[int] = []
    while ready:
        slot = ready.popleft()
        order.append(slot)
        for _, target in edges[slot]:
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    done = set(order)
    return ScopeOrder(order, [slot for slot in range(len(edges)) if slot not in done])


def _upstream(edges: Edges, order: list[int], count: int) -> list[int]:
    upstream = [0] * count
    for slot in order:
        mine = upstream[slot] | (1 << slot)
        for _, target in edges[slot]:
            upstream[target] |= mine
    return upstream


def _late(edges: Edges, result: ScopeOrder, impatient: frozenset[int]) -> list[int]:
    """What is upstream of a slot and settled at none of its sources (or, for an impatient slot, not at all of them)."""
    late = [0] * len(edges)
    sources: list[list[int]] = [[] for _ in edges]
    for slot in result.order:
        for _, target in edges[slot]:
            sources[target].append(slot)
    for slot in result.order:
        mine = result.upstream[slot]
        settled = [(result.upstream[source] | (1 << source)) & ~late[source] for source in sources[slot]]
        known = mine if slot in impatient else 0
        for one in settled:
            known = known & one if slot in impatient else known | one
        late[slot] = mine & ~known
    return late


def _forced(edges: Edges, ports: list[tuple[str, ...]], marks: list[int], order: list[int], unsure: frozenset[int]) -> list[int]:
    """What surely comes to its end when a slot runs: what every one of its ports surely starts."""
    count = len(edges)
    forced = [(1 << slot) | (marks[slot] << count) for slot in range(count)]
    for slot in unsure:
        forced[slot] = 0
    for slot in (slot for slot in reversed(order) if slot not in unsure):
        by_port: dict[str, int] = {}
        for port, target in edges[slot]:
            if port not in ports[slot]:
                continue
            by_port[port] = by_port.get(port, 0) | forced[target]
        if by_port and all(port in by_port for port in ports[slot]):
            common = -1
            for reached in by_port.values():
                common &= reached
            forced[slot] |= common
    return forced


def find_cycle(edges: Edges, leftover: list[int]) -> list[int]:
    """One circle among the slots that could not be ordered, first slot repeated at the end."""
    inside = set(leftover)
    before: dict[int, int] = {}
    for slot in leftover:
        for _, target in edges[slot]:
            if target in inside:
                before.setdefault(target, slot)
    # whatever is left over has a predecessor that is left over, so walking backwards must meet a circle
    path: dict[int, None] = {}
    slot = leftover[0]
    while slot not in path:
        path[slot] = None
        slot = before[slot]
    circle = list(path)[list(path).index(slot) :]
    return [slot, *reversed(circle)]
