"""The graph as the checker sees it: every node with its kind, config and ports, grouped by container, whatever is wrong with it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from engine.expressions.errors import closest
from engine.graph.order import ScopeOrder
from engine.graph.report import Report
from engine.nodes.base import NodeConfig, NodeKind
from engine.spec.explain import explain
from engine.spec.workflow import MAX_NESTING, UNDO_PORT, EdgeSpec, NodeSpec, WorkflowSpec
from engine.words import as_words

AnyKind = NodeKind[Any]
TOP = ""  # the name of the outermost scope
ERROR_PORT = "error"
_WORDS = "true false nil null empty blank and or not contains in if else for with as"  # of the template language
RESERVED = frozenset(("inputs", "vars", "item", "index", "now", "forloop", "partial", *_WORDS.split()))


@dataclass(slots=True, eq=False)
class NodeView:
    """One node; `kind` and `config` are None when they are wrong, and then every port is accepted."""

    spec: NodeSpec
    kind: AnyKind | None
    config: NodeConfig | None
    ports: tuple[str, ...] = ()
    scope: str = TOP
    slot: int = 0

    @property
    def id(self) -> str:
        """The node's id."""
        return self.spec.id

    @property
    def name(self) -> str:
        """What people call it, as the canvas has it."""
        return self.spec.label or (self.kind.title if self.kind is not None else as_words(self.id))

    @property
    def is_container(self) -> bool:
        """Whether other nodes can live in it."""
        return self.kind is not None and self.kind.is_container

    @property
    def is_region(self) -> bool:
        """Whether it is a container whose steps can be undone."""
        return self.kind is not None and self.kind.is_region


@dataclass(slots=True, eq=False)
class ScopeView:
    """The nodes side by side in one container (or at the top), with the good edges among them."""

    name: str
    nodes: list[NodeView] = field(default_factory=list)
    edges: list[list[tuple[str, int]]] = field(default_factory=list)
    incoming: list[int] = field(default_factory=list)
    undo: dict[int, int] = field(default_factory=dict)  # slot -> the slot of its undo step
    order: ScopeOrder | None = None
    variables: dict[str, int] = field(default_factory=dict)  # variable -> its mark bit
    setters: dict[str, int] = field(default_factory=dict)  # variable -> the bits of the nodes that set it
    free_setters: int = 0  # the bits of nodes that set variables whose names are not known

    def entries(self) -> list[int]:
        """Where the scope starts: at its entry node, or at every node that nothing leads to."""
        roots = [slot for slot, count in enumerate(self.incoming) if not count]
        starts = [slot for slot in roots if (kind := self.nodes[slot].kind) and kind.is_entry]
        return starts or roots


@dataclass(slots=True, eq=False)
class Outline:
    """Nodes by id (the first of each id) and scopes by container id."""

    nodes: dict[str, NodeView] = field(default_factory=dict)
    scopes: dict[str, ScopeView] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter[str])

    def told(self, node: NodeView) -> str:
        """A step as a sentence has it: by its name, or by its id where several are called the same."""
        self.names = self.names or Counter(one.name for one in self.nodes.values())
        return f"“{node.name}”" if self.names[node.name] == 1 else f"'{node.id}'"

    def start(self) -> NodeView | None:
        """Where the workflow starts."""
        return next((node for node in self.nodes.values() if node.kind is not None and node.kind.is_entry), None)

    def containers_of(self, node: NodeView) -> list[NodeView]:
        """The containers around a node, innermost first."""
        found: list[NodeView] = []
        scope = node.scope
        while scope and len(found) < len(self.nodes):
            found.append(self.nodes[scope])
            scope = self.nodes[scope].scope
        return found


def outline(spec: WorkflowSpec, kinds: Mapping[str, AnyKind], report: Report) -> Outline:
    """Build the outline and report everything that is wrong with single nodes, their places and the edges."""
    made = Outline()
    drawings: set[str] = set()
    for node in spec.nodes:
        _add(made, node, kinds, drawings, report)
    made.scopes[TOP] = ScopeView(TOP)
    made.scopes.update({node.id: ScopeView(node.id) for node in made.nodes.values() if node.is_container})
    for view in made.nodes.values():
        _place(made, view, report)
    _break_nests(made, report)
    for view in made.nodes.values():
        scope = made.scopes[view.scope]
        view.slot = len(scope.nodes)
        scope.nodes.append(view)
        scope.edges.append([])
        scope.incoming.append(0)
    for edge in dict.fromkeys(spec.edges):
        _connect(made, edge, drawings, report)
    return made


def _add(made: Outline, node: NodeSpec, kinds: Mapping[str, AnyKind], drawings: set[str], report: Report) -> None:
    kind = kinds.get(node.kind)
    if kind is not None and kind.is_drawing:
        drawings.add(node.id)
        return
    if node.id in made.nodes:
        report.error("duplicate_node", f"Two steps are called '{node.id}'.", "Rename one of them.", node=node.id, field="id")
        return
    if node.id in RESERVED:
        report.error("reserved_id", f"'{node.id}' means something else in references.", "Rename the step.", node=node.id, field="id")
    if kind is None:
        remedy = report.suggest(node.kind, list(kinds), what="kinds")
        report.error("unknown_kind", f"There is no step kind '{node.kind}'.", remedy, node=node.id, field="kind")
        made.nodes[node.id] = NodeView(node, None, None)
        return
    config: NodeConfig | None = None
    try:
        config = kind.config_type.model_validate(node.config)
    except ValidationError as error:
        for problem in explain(error, kind.config_type):
            report.error(problem.code, problem.message, problem.remedy, node=node.id, field=problem.field or None)
    made.nodes[node.id] = NodeView(node, kind, config, _ports(node, kind, config))


def _ports(node: NodeSpec, kind: AnyKind, config: NodeConfig | None) -> tuple[str, ...]:
    if config is None:
        return ()
    names = tuple(port.name for port in kind.ports(config))
    return (*names, ERROR_PORT) if node.on_error.action == "branch" and kind.can_fail else names


def _place(made: Outline, view: NodeView, report: Report) -> None:
    parent = view.spec.parent
    if parent is None:
        return
    holder = made.nodes.get(parent)
    if holder is None:
        remedy = report.suggest(parent, [node.id for node in made.nodes.values() if node.is_container], what="containers")
        remedy = remedy or "Remove 'parent'."
        report.error("unknown_container", f"The container '{parent}' does not exist.", remedy, node=view.id, field="parent")
    elif not holder.is_container:
        report.error(
            "not_a_container", f"{made.told(holder)} cannot hold other steps.", "Move the step out of it.", node=view.id, field="parent"
        )
    else:
        view.scope = parent


def _break_nests(made: Outline, report: Report) -> None:
    """A container that lies inside itself is reported and moved to the top, so that everything else can go on."""
    depth: dict[str, int] = {TOP: 0}
    for view in made.nodes.values():
        path: dict[str, None] = {}
        scope = view.scope
        while scope not in depth and scope not in path:
            path[scope] = None
            scope = made.nodes[scope].scope
        if scope in path:
            report.error("nested_in_itself", "The container lies inside itself.", "Move it out.", node=scope, field="parent")
            made.nodes[scope].scope = TOP
        for container in reversed(path):
            _settle_depth(made.nodes[container], depth, report)


def _settle_depth(container: NodeView, depth: dict[str, int], report: Report) -> None:
    depth[container.id] = depth.get(container.scope, 0) + 1
    if depth[container.id] > MAX_NESTING:
        message = f"Containers are nested more than {MAX_NESTING} levels deep."
        report.error("nested_too_deep", message, "Move some out, or use a sub-workflow.", node=container.id, field="parent")
        container.scope = TOP
        depth[container.id] = 1


def _connect(made: Outline, edge: EdgeSpec, drawings: set[str], report: Report) -> None:
    if edge.source in drawings or edge.target in drawings:
        note = edge.source if edge.source in drawings else edge.target
        report.error("edge_to_drawing", f"The connection {edge.id} leads to a note.", "Remove the connection.", node=note)
        return
    source, target = made.nodes.get(edge.source), made.nodes.get(edge.target)
    if source is None or target is None:
        lost = edge.source if source is None else edge.target
        known = source or target
        report.lost.add(lost)
        remedy = report.suggest(lost, list(made.nodes)) if known else "Remove the connection."
        report.error("dangling_edge", f"The connection {edge.id} names '{lost}', which does not exist.", remedy, node=known and known.id)
        return
    if source.scope != target.scope:
        _report_crossing(made, source, target, report)
        return
    scope = made.scopes[source.scope]
    if edge.port == UNDO_PORT and UNDO_PORT not in source.ports and source.scope and made.nodes[source.scope].is_region:
        if source.slot in scope.undo:
            report.error("bad_undo", f"“{source.name}” has two undo steps.", "Keep one connection.", node=source.id)
        scope.undo[source.slot] = target.slot
    elif (source.ports and edge.port not in source.ports) or (source.config is not None and not source.ports):
        _report_port(edge, source, report)
        return
    scope.edges[source.slot].append((edge.port, target.slot))
    scope.incoming[target.slot] += 1


def _report_crossing(made: Outline, source: NodeView, target: NodeView, report: Report) -> None:
    inner = target if target.scope else source
    name = made.nodes[inner.scope].name
    remedy = f"Connect steps inside “{name}” with each other, and “{name}” itself with what is outside."
    told = f"The connection from “{source.name}” to “{target.name}” crosses the border of “{name}”."
    report.error("crossing_edge", told, remedy, node=source.id)


def _report_port(edge: EdgeSpec, source: NodeView, report: Report) -> None:
    kind = source.kind
    if kind is not None and not source.ports:
        report.error("unknown_port", f"Nothing can follow “{source.name}”: it ends the path.", "Remove the connection.", node=source.id)
        return
    if edge.port == UNDO_PORT:
        remedy = "Only a step inside 'Group with undo' can have an undo step."
    elif edge.port == ERROR_PORT and kind is not None and kind.can_fail:
        remedy = "Let the step go on at its error port under 'If it fails', or remove the connection."
    else:
        near = closest(edge.port, source.ports)
        remedy = f"Did you mean '{near}'?" if near else f"It has: {', '.join(source.ports[:12])}."
    report.error("unknown_port", f"“{source.name}” has no way out called '{edge.port}'.", remedy, node=source.id)
