"""Judges a workflow before it runs and returns everything that is wrong at once; the editor, imports, saves and runs call `check`."""

from collections.abc import Collection, Mapping

from engine.errors import Finding
from engine.graph.called import check_call
from engine.graph.code import check_code
from engine.graph.containers import check_containers, may_be_stopped, unsure_after_leaving
from engine.graph.decisions import check_decisions
from engine.graph.fixes import list_fixes, task_fixes
from engine.graph.order import find_cycle, order_scope
from engine.graph.outline import ERROR_PORT, TOP, AnyKind, NodeView, Outline, ScopeView, outline
from engine.graph.references import ReferenceCheck
from engine.graph.report import Report
from engine.graph.schemas import field_names
from engine.graph.texts import ConfigField, agent_names, config_fields
from engine.spec.agent import AgentSpec
from engine.spec.workflow import CalledWorkflow, WorkflowSpec

OTHERWISE = "otherwise"


def check(
    spec: WorkflowSpec,
    *,
    kinds: Mapping[str, AnyKind],
    agents: Mapping[str, AgentSpec] | None = None,
    models: Collection[str] | None = None,
    tools: Collection[str] | None = None,
    credentials: Collection[str] | None = None,
    workflows: Mapping[str, CalledWorkflow] | None = None,
) -> list[Finding]:
    """Every finding, in the order of the nodes. A collection that is None is not known, and names are not compared with it."""
    report = Report()
    graph = outline(spec, kinds, report)
    known = {
        "agent": None if agents is None else agents.keys(),
        "agents": None if agents is None else agents.keys(),
        "model": models,
        "models": models,
        "tools": tools,
        "credential": credentials,
    }
    references = ReferenceCheck(graph, agents or {}, report, workflows or {})
    _check_start(graph, report)
    stopped = may_be_stopped(graph)
    for scope in graph.scopes.values():
        _order(graph, scope, agents or {}, stopped.get(scope.name, frozenset()), report)
        unsure_after_leaving(graph, scope)
        check_decisions(scope, references.schema_of, report)
    check_containers(graph, report)
    for node in graph.nodes.values():
        _check_join(node, graph.scopes[node.scope], report)
        _check_ports(node, graph.scopes[node.scope], report)
        _check_gaps(graph, node, references, report)
        _check_names(node, known, agents or {}, report)
        check_code(node, references, report)
        if workflows is not None:
            check_call(node, workflows, references, report)
        references.check_node(node)
    return report.sorted({node_id: index for index, node_id in enumerate(dict.fromkeys(node.id for node in spec.nodes))})


def errors_of(findings: list[Finding]) -> list[Finding]:
    """Those that keep the workflow from running."""
    return [finding for finding in findings if finding.severity == "error"]


def _check_start(graph: Outline, report: Report) -> None:
    starts = [node for node in graph.nodes.values() if node.kind is not None and node.kind.is_entry]
    outside = [node for node in starts if node.scope == TOP]
    if not outside:
        report.error("no_start", "The workflow has no start.", "Add a Start step and connect it to the first step.")
    for extra in outside[1:]:
        report.error("several_starts", f"There is a start already: “{outside[0].name}”.", "Remove one of them.", node=extra.id)
    for inner in starts:
        if inner.scope != TOP:
            report.error("start_inside", "A start cannot be inside a container.", "Move it out; a body starts by itself.", node=inner.id)
        if graph.scopes[inner.scope].incoming[inner.slot]:
            report.error("edge_into_start", "Nothing can lead to the start.", "Remove the connection.", node=inner.id)


def _order(graph: Outline, scope: ScopeView, agents: Mapping[str, AgentSpec], stopped: frozenset[int], report: Report) -> None:
    """Topology of one scope, and what it reveals: circles, empty bodies, nodes that never run."""
    if scope.name and not scope.nodes:
        report.error("empty_container", "The container is empty.", "Put at least one step into it.", node=scope.name)
    marks = _variable_marks(scope, agents)
    ports = [node.ports or tuple({port for port, _ in scope.edges[node.slot]}) for node in scope.nodes]
    impatient = frozenset(node.slot for node in scope.nodes if node.spec.join != "all" and scope.incoming[node.slot] > 1)
    scope.order = order_scope(scope.edges, ports, entries=scope.entries(), marks=marks, impatient=impatient, unsure=stopped)
    if scope.order.leftover:
        found = [scope.nodes[slot] for slot in find_cycle(scope.edges, scope.order.leftover)]
        circle = [graph.told(node) for node in found]
        shown = " -> ".join(circle if len(circle) <= 12 else [*circle[:10], "...", circle[-1]])
        remedy = "Remove one of these connections; use a Loop or Map container to repeat steps."
        report.error("cycle", f"The connections form a circle: {shown}.", remedy, node=found[0].id)
        return
    for node in scope.nodes:
        if not scope.order.reachable >> node.slot & 1:
            report.warning("unreachable", f"Nothing leads to “{node.name}”, so it never runs.", "Connect it, or remove it.", node=node.id)


def _variable_marks(scope: ScopeView, agents: Mapping[str, AgentSpec]) -> list[int]:
    """One extra bit per variable, set at every node that sets it, so that several branches can set it together."""
    marks = [0] * len(scope.nodes)
    for node in scope.nodes:
        if node.kind is not None and node.config is not None and node.kind.sets_variables:
            names = field_names(node.kind.output_schema(node.config, agents=agents))
            if not names:
                scope.free_setters |= 1 << node.slot
            for name in names:
                marks[node.slot] |= 1 << scope.variables.setdefault(name, len(scope.variables))
                scope.setters[name] = scope.setters.get(name, 0) | 1 << node.slot
    return marks


def _check_join(node: NodeView, scope: ScopeView, report: Report) -> None:
    join = node.spec.join
    if isinstance(join, int) and join > (count := scope.incoming[node.slot]):
        message = f"The step waits for {join} connections, but only {count} lead to it, so it never runs."
        report.error("bad_join", message, "Lower the number, or choose 'all'.", node=node.id, field="join")
    if node.spec.others == "cancel" and (join == "all" or scope.incoming[node.slot] < 2):
        message = "The step waits for everything that leads to it, so there is nothing left that it could stop."
        report.warning("nothing_to_stop", message, "Let it wait for one or some of its connections.", node=node.id, field="others")


def _check_ports(node: NodeView, scope: ScopeView, report: Report) -> None:
    """A branch that leads nowhere is rarely meant; what is left over at `otherwise` often is."""
    if node.kind is None or node.config is None:
        return
    used = {port for port, _ in scope.edges[node.slot]}
    if node.spec.on_error.action == "branch" and node.kind.can_fail and ERROR_PORT not in used:
        remedy = "Connect the error way out, or choose another policy under 'If it fails'."
        report.warning("dead_port", "After an error nothing follows.", remedy, node=node.id, field=f"ports.{ERROR_PORT}")
    for port in node.kind.ports(node.config):
        if port.kind == "branch" and port.name not in used and port.name != OTHERWISE:
            name = port.label or port.name
            report.warning("dead_port", f"Nothing follows '{name}'.", "Connect it, or remove it.", node=node.id, field=f"ports.{port.name}")


def _check_gaps(graph: Outline, node: NodeView, references: ReferenceCheck, report: Report) -> None:
    if node.kind is not None and node.config is not None:
        for gap in node.kind.gaps(node.config):
            severity = "error" if gap.is_fatal else "warning"
            code, fixes = ("no_task", task_fixes(graph, references.schema_of, node, gap)) if gap.is_task else ("missing_value", ())
            fixes = list_fixes(graph, node, gap) if gap.is_list else fixes
            report.add(Finding(code, gap.message, gap.remedy, severity=severity, node=node.id, field=gap.field, fixes=fixes))


def _check_names(node: NodeView, known: Mapping[str, Collection[str] | None], agents: Mapping[str, AgentSpec], report: Report) -> None:
    if node.config is None:
        return
    for item in config_fields(node.config):
        names = known.get(item.widget.name)
        if names is not None:
            _check_name(node, item, names, report)
        for slug in agent_names(item):
            if slug in agents:
                _check_agent(node, item, slug, agents[slug], known=known, report=report)


def _check_name(node: NodeView, item: ConfigField, names: Collection[str], report: Report) -> None:
    what = item.widget.name.removesuffix("s")
    chosen = item.value if isinstance(item.value, list) else [item.value]
    for name in chosen or ([""] if item.widget.name == "agents" else []):
        if name in (None, ""):
            if what in ("agent", "model"):
                remedy = _choice(names, what)
                missing = "other agent" if item.widget.name == "agents" else what
                report.error("missing_value", f"No {missing} is chosen.", remedy, node=node.id, field=item.path)
        elif name not in names:
            remedy = report.suggest(str(name), sorted(names), what=f"{what}s") or "Choose one that exists."
            report.error(f"unknown_{what}", f"There is no {what} '{name}'.", remedy, node=node.id, field=item.path)


def _choice(names: Collection[str], what: str) -> str:
    if len(names) == 1:
        return f"Choose '{next(iter(names))}', the only one there is."
    return f"Choose one of {len(names)}." if names else f"There is none yet: add the {what} first."


def _check_agent(
    node: NodeView, item: ConfigField, slug: str, agent: AgentSpec, *, known: Mapping[str, Collection[str] | None], report: Report
) -> None:
    """What the named agent itself needs."""
    models, tools = known.get("model"), known.get("tools")
    for model in (agent.model, *agent.fallback_models):
        if models is not None and model not in models:
            message = f"The agent '{slug}' uses the model '{model}', which is not available."
            report.error("unknown_model", message, "Choose another model in the agent.", node=node.id, field=item.path)
    for tool in agent.tools:
        if tools is not None and tool not in tools:
            message = f"The agent '{slug}' uses the tool '{tool}', which does not exist."
            report.error("unknown_tool", message, "Remove it in the agent.", node=node.id, field=item.path)
