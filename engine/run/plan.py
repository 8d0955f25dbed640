"""The pinned RunPlan made runnable: configs validated, edges as adjacency lists, scopes for containers; built once per run or cached."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from engine.errors import Finding, SpecError
from engine.nodes.base import Effect, NodeConfig, NodeKind, widget_of
from engine.run.resolve import Resolver, read_given
from engine.spec.agent import AgentSpec
from engine.spec.explain import explain
from engine.spec.setup import RunSetup
from engine.spec.workflow import MAX_NESTING, UNDO_PORT, CalledWorkflow, EdgeSpec, NodeSpec, RunLimits, RunPlan

AnyKind = NodeKind[Any]


@dataclass(slots=True, eq=False)
class PlanNode:
    """One node ready to run. `slot` is its place in its scope; `need` is the number of taken edges that starts it (0: all)."""

    id: str
    slot: int
    spec: NodeSpec
    kind: AnyKind
    config: NodeConfig
    effect: Effect
    scope: "PlanScope"
    need: int = 0
    cancels_others: bool = False  # a join that stops what it does not wait for any more
    lock: str | None = None
    is_plain: bool = True  # neither of these two
    edges: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])  # (port, target slot)
    sources: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])  # (source slot, port)
    body: "PlanScope | None" = None
    resolver: Resolver | None = None  # made at the first run of the node

    @property
    def name(self) -> str:
        """What people call it, as the canvas has it."""
        return self.spec.label or self.kind.title


@dataclass(slots=True, eq=False)
class PlanScope:
    """The nodes that live side by side: the whole workflow, or the body of one container."""

    container: PlanNode | None
    nodes: list[PlanNode] = field(default_factory=list[PlanNode])
    entries: frozenset[int] = frozenset()
    order: list[int] = field(default_factory=list[int])  # topological
    setters: list[int] = field(default_factory=list[int])  # nodes that set variables, in the same order
    undo: dict[int, int] = field(default_factory=dict[int, int])  # of a region: slot -> the slot of its undo step
    dormant: frozenset[int] = frozenset()  # the undo steps, which run only when the region fails
    _ancestors: list[int] | None = None

    def ancestors(self, slot: int) -> int:
        """The slots upstream of `slot` as a bit set; built at the first question, as most nodes never ask."""
        if self._ancestors is None:
            self._ancestors = self._reach()
        return self._ancestors[slot]

    def _reach(self) -> list[int]:
        reach = [0] * len(self.nodes)
        for slot in self.order:
            mine = reach[slot] | (1 << slot)
            for _, target in self.nodes[slot].edges:
                reach[target] |= mine
            if slot in self.undo:
                reach[self.undo[slot]] |= mine
        return reach


@dataclass(slots=True, eq=False)
class Plan:
    """A compiled RunPlan. Immutable once built, so that many runs may share one."""

    root: PlanScope
    nodes: dict[str, PlanNode]
    limits: RunLimits
    agents: Mapping[str, AgentSpec]
    setup: RunSetup = field(default_factory=RunSetup)
    workflows: Mapping[str, CalledWorkflow] = field(default_factory=dict[str, CalledWorkflow])
    fallback_models: tuple[str, ...] = ()


def compile_plan(source: RunPlan, kinds: Mapping[str, AnyKind]) -> Plan:
    """Build the runnable plan, or raise SpecError with every structural fault. Notes, other drawings, and what a test run leaves
    out are not in it."""
    findings: list[Finding] = []
    root = PlanScope(None)
    plan = Plan(root, {}, source.workflow.limits, source.agents, source.setup, source.workflows, source.fallback_models)
    for spec in _taking_part(source, kinds):
        _add_node(plan, spec, kinds, findings)
    _place_nodes(plan, findings)
    drawn = {spec.id for spec in source.workflow.nodes if spec.id not in plan.nodes}
    for edge in dict.fromkeys(source.workflow.edges):
        if edge.source not in drawn and edge.target not in drawn:
            _connect(plan, edge, findings)
    scopes = [root, *(node.body for node in plan.nodes.values() if node.body is not None)]
    for scope in scopes:
        _settle_undo(scope, findings)
        _order(scope, findings)
    for node in plan.nodes.values():
        _settle_start(node)
    if findings:
        raise SpecError(findings)
    return plan


def _taking_part(source: RunPlan, kinds: Mapping[str, AnyKind]) -> list[NodeSpec]:
    """The steps of this run. A container that lost a part of its body gives back what its last remaining steps give."""
    nodes, only = source.workflow.nodes, source.setup.only
    if only is None:
        return list(nodes)
    wanted = frozenset(only)
    cut = {spec.parent for spec in nodes if spec.parent in wanted and spec.id not in wanted}
    return [_cut(spec, kinds) if spec.id in cut else spec for spec in nodes if spec.id in wanted]


def _cut(spec: NodeSpec, kinds: Mapping[str, AnyKind]) -> NodeSpec:
    kind = kinds.get(spec.kind)
    fields = kind.config_type.model_fields.items() if kind is not None else ()
    late = {name for name, info in fields if (widget := widget_of(info)) is not None and widget.name.startswith("late_")}
    return spec.model_copy(update={"config": {name: value for name, value in spec.config.items() if name not in late}})


def _add_node(plan: Plan, spec: NodeSpec, kinds: Mapping[str, AnyKind], findings: list[Finding]) -> None:
    kind = kinds.get(spec.kind)
    if kind is None:
        findings.append(Finding("unknown_kind", f"There is no step kind '{spec.kind}'.", "Choose a kind from the palette.", node=spec.id))
        return
    if kind.is_drawing:
        return
    if spec.id in plan.nodes:
        findings.append(Finding("duplicate_node", "Two steps have this id.", "Rename one of them.", node=spec.id))
        return
    try:
        config = kind.config_type.model_validate(spec.config)
    except ValidationError as error:
        findings.extend(config_findings(spec.id, error))
        return
    node = PlanNode(spec.id, 0, spec, kind, config, _effect(plan.setup, spec.id, kind, config), plan.root)
    if isinstance(spec.join, int):
        node.need = spec.join
    elif spec.join == "any":
        node.need = 1
    node.lock = spec.lock
    if kind.is_container:
        node.body = PlanScope(node)
    plan.nodes[spec.id] = node


def _effect(setup: RunSetup, node: str, kind: AnyKind, config: NodeConfig) -> Effect:
    """The strongest effect the node can have in this run: settings given by hand may turn a reading call into a changing one."""
    given = [read_given(kind, settings) for key, settings in setup.given.items() if key.partition("@")[0] == node]
    effects = {kind.effect_of(settings) for settings in (config, *given)}
    return next(effect for effect in (Effect.EFFECT, Effect.IDEMPOTENT, Effect.PURE) if effect in effects)


def config_findings(node: str, error: ValidationError) -> list[Finding]:
    """One finding per field that pydantic refused, in plain words."""
    return [Finding("invalid_config", item.message, item.remedy, node=node, field=item.field or None) for item in explain(error)]


def _place_nodes(plan: Plan, findings: list[Finding]) -> None:
    for node in plan.nodes.values():
        if node.spec.parent is not None:
            parent = plan.nodes.get(node.spec.parent)
            if parent is None or parent.body is None:
                remedy = "Move the step into a container or to the top level."
                findings.append(Finding("bad_parent", f"'{node.spec.parent}' is not a container.", remedy, node=node.id))
                continue
            node.scope = parent.body
        node.slot = len(node.scope.nodes)
        node.scope.nodes.append(node)
    for node in plan.nodes.values():
        if node.body is None:
            continue
        depth = _depth(node)
        if depth == 0:
            findings.append(Finding("bad_parent", "The container lies inside itself.", "Move it out.", node=node.id))
        elif depth > MAX_NESTING:
            message = f"Containers are nested more than {MAX_NESTING} levels deep."
            findings.append(Finding("nested_too_deep", message, "Move some out, or use a sub-workflow.", node=node.id))


def _depth(node: PlanNode) -> int:
    """How many containers are around and including this one; 0 when it is inside itself. Counts no further than the limit."""
    depth, above = 1, node.scope.container
    while above is not None and depth <= MAX_NESTING:
        if above is node:
            return 0
        depth, above = depth + 1, above.scope.container
    return depth


def _connect(plan: Plan, edge: EdgeSpec, findings: list[Finding]) -> None:
    source, target = plan.nodes.get(edge.source), plan.nodes.get(edge.target)
    if source is None or target is None:
        missing = edge.source if source is None else edge.target
        findings.append(Finding("dangling_edge", f"The connection {edge.id} names '{missing}', which is not there.", "Remove it."))
    elif source.scope is not target.scope:
        remedy = "Connect steps of the same container only."
        findings.append(Finding("crossing_edge", f"The connection {edge.id} crosses the border of a container.", remedy, node=source.id))
    elif edge.port == UNDO_PORT and is_undo_edge(source):
        if source.slot in source.scope.undo:
            findings.append(Finding("bad_undo", "The step has two undo steps.", "Keep one connection.", node=source.id))
        source.scope.undo[source.slot] = target.slot
    else:
        source.edges.append((edge.port, target.slot))
        target.sources.append((source.slot, edge.port))


def is_undo_edge(source: PlanNode) -> bool:
    """Whether an edge from the undo port of this node leads to its undo step: in a region, unless the node has a way out of this name."""
    container = source.scope.container
    is_own = any(port.name == UNDO_PORT for port in source.kind.ports(source.config))
    return container is not None and container.kind.is_region and not is_own


def _settle_undo(scope: PlanScope, findings: list[Finding]) -> None:
    scope.dormant = frozenset(scope.undo.values())
    if len(scope.dormant) < len(scope.undo) or scope.dormant & scope.undo.keys():
        shared = next(iter(scope.dormant))
        findings.append(Finding("bad_undo", "An undo step belongs to one step only.", "Give each its own.", node=scope.nodes[shared].id))
    for slot in scope.dormant:
        if scope.nodes[slot].edges or scope.nodes[slot].sources:
            remedy = "Put several steps into a container and connect that."
            findings.append(Finding("bad_undo", "An undo step stands alone.", remedy, node=scope.nodes[slot].id))


def _settle_start(node: PlanNode) -> None:
    """What beside its edges decides when the node starts. A lock inside a locked container would wait for itself: the outer one holds."""
    node.cancels_others = node.spec.others == "cancel" and node.need > 0
    above = node.scope.container
    while above is not None and node.lock is not None:
        if above.spec.lock is not None:
            node.lock = None
        above = above.scope.container
    node.is_plain = node.lock is None and not node.cancels_others


def _order(scope: PlanScope, findings: list[Finding]) -> None:
    """Kahn's algorithm; what is left over lies on a cycle."""
    open_edges = [len(node.sources) for node in scope.nodes]
    ready = deque(slot for slot, count in enumerate(open_edges) if count == 0)
    roots = [slot for slot in ready if slot not in scope.dormant]
    while ready:
        slot = ready.popleft()
        scope.order.append(slot)
        for _, target in scope.nodes[slot].edges:
            open_edges[target] -= 1
            if open_edges[target] == 0:
                ready.append(target)
    if len(scope.order) < len(scope.nodes):
        stuck = next(scope.nodes[slot].id for slot, count in enumerate(open_edges) if count)
        findings.append(Finding("cycle", "The connections form a circle.", "Use a loop container to repeat steps.", node=stuck))
    scope.setters = [slot for slot in scope.order if scope.nodes[slot].kind.sets_variables]
    starts = [slot for slot in roots if scope.nodes[slot].kind.is_entry]
    scope.entries = frozenset(starts or roots)
