"""Judges what containers and the steps made for them need: undo steps, steps that stop or leave others, locks, names they give."""

from collections import Counter

from engine.graph.order import ScopeOrder
from engine.graph.outline import NodeView, Outline, ScopeView
from engine.graph.report import Report
from engine.graph.texts import config_fields


def may_be_stopped(graph: Outline) -> dict[str, frozenset[int]]:
    """By scope: the slots that another step may cancel or skip."""
    found: dict[str, set[int]] = {}
    for node in graph.nodes.values():
        if node.kind is None or node.config is None:
            continue
        for name in node.kind.stops(node.config):
            target = graph.nodes.get(name)
            if target is not None:
                found.setdefault(target.scope, set()).add(target.slot)
    return {scope: frozenset(slots) for scope, slots in found.items()}


def unsure_after_leaving(graph: Outline, scope: ScopeView) -> None:
    """When a step leaves the container around it, whatever does not come before that step may have no result."""
    order = scope.order
    if order is None:
        return
    for node in scope.nodes:
        if _leaves(graph, node):
            settled = order.upstream[node.slot] & ~order.may_miss[node.slot] & ~order.late[node.slot]
            order.never_sure |= ~(settled | (0 if node.is_container else 1 << node.slot))


def _leaves(graph: Outline, node: NodeView) -> bool:
    """Whether the node, or a step of a region inside it, leaves what is around."""
    if node.kind is not None and node.kind.needs_around == "repeat":
        return True
    return node.is_region and any(_leaves(graph, inner) for inner in graph.scopes[node.id].nodes)


def check_containers(graph: Outline, report: Report) -> None:
    """Everything about containers that is more than the shape of the graph."""
    for scope in graph.scopes.values():
        _check_undo(scope, report)
    locks = Counter(node.spec.lock for node in graph.nodes.values() if node.spec.lock is not None)
    for node in graph.nodes.values():
        around = graph.containers_of(node)
        _check_id(node, around, report)
        _check_around(node, around, report)
        _check_lock(node, around, locks, report)
        _check_named_steps(graph, node, around, report)


def _check_undo(scope: ScopeView, report: Report) -> None:
    targets = Counter(scope.undo.values())
    for slot, target in scope.undo.items():
        node = scope.nodes[target]
        if targets[target] > 1:
            remedy = "Give each step its own."
            report.error("bad_undo", f"“{node.name}” is the undo step of several steps.", remedy, node=scope.nodes[slot].id)
        elif scope.incoming[target] > 1 or scope.edges[target]:
            remedy = "Put several steps into a container and connect that as the undo step."
            report.error("bad_undo", f"“{node.name}” is an undo step, so nothing else can lead to it or follow it.", remedy, node=node.id)


def _check_id(node: NodeView, around: list[NodeView], report: Report) -> None:
    for container in around:
        if container.kind is not None and node.id in container.kind.gives:
            message = f"Inside “{container.name}”, '{node.id}' means something else in references."
            report.error("reserved_id", message, "Rename the step.", node=node.id, field="id")
            return


def _check_around(node: NodeView, around: list[NodeView], report: Report) -> None:
    needed = node.kind.needs_around if node.kind is not None else ""
    is_list = any(container.kind is not None and "item" in container.kind.gives for container in around)
    if needed == "list" and not is_list:
        report.error("no_list", "There is no list around this step.", "Put it into 'For each' or 'In groups'.", node=node.id)
    elif needed == "repeat" and all(container.is_region for container in around):
        report.error(
            "nothing_to_leave", "There is no list or loop around this step.", "Put it into a container that repeats.", node=node.id
        )


def _check_lock(node: NodeView, around: list[NodeView], locks: Counter[str], report: Report) -> None:
    lock = node.spec.lock
    if lock is None:
        return
    holder = next((container for container in around if container.spec.lock is not None), None)
    if holder is not None:
        message = f"“{holder.name}” around this step holds the lock '{holder.spec.lock}' already, so the step's own has no effect."
        report.warning("lock_inside_lock", message, "Remove one of the two.", node=node.id, field="lock")
    elif locks[lock] < 2 and all(container.is_region for container in around):
        message = f"No other step has the lock '{lock}', so it keeps nobody waiting."
        report.warning("lonely_lock", message, "Give the other step the same lock, or remove it.", node=node.id, field="lock")


def _check_named_steps(graph: Outline, node: NodeView, around: list[NodeView], report: Report) -> None:
    """Steps that are named in the settings: they stand beside this one, or beside a container around it."""
    if node.config is None:
        return
    for item in config_fields(node.config):
        if item.widget.name not in ("node", "nodes"):
            continue
        chosen = item.value if isinstance(item.value, list) else [item.value]
        if not any(chosen):
            report.error("missing_value", "No step is chosen.", "Choose one.", node=node.id, field=item.path)
        for name in filter(None, chosen):
            fault = _fault_of_name(graph, node, around, str(name))
            if fault is not None:
                code, message, remedy = fault
                add = report.warning if code == "already_over" else report.error
                add(code, message, remedy or report.suggest(str(name), list(graph.nodes), what="steps"), node=node.id, field=item.path)


def _fault_of_name(graph: Outline, node: NodeView, around: list[NodeView], name: str) -> tuple[str, str, str] | None:
    target = graph.nodes.get(name)
    if target is None:
        return "unknown_node", f"There is no step '{name}'.", ""
    if target is node:
        return "bad_target", "A step cannot name itself here.", "Choose another step."
    if target in around:
        remedy = "Use 'Leave the loop', 'Fail', or an end that ends the run."
        return "bad_target", f"{graph.told(target)} is around this step, so it cannot be named here.", remedy
    viewer = next((one for one in (node, *around) if one.scope == target.scope), None)
    if viewer is None:
        holder = graph.told(graph.nodes[target.scope])
        return "bad_target", f"{graph.told(target)} is inside {holder} and not seen from here.", f"Choose {holder} itself."
    if _is_over(graph.scopes[target.scope].order, viewer, target):
        return "already_over", f"{graph.told(target)} is always over when this step runs.", "Choose a step that does not lead to this one."
    return None


def _is_over(order: ScopeOrder | None, viewer: NodeView, target: NodeView) -> bool:
    if order is None or order.leftover:
        return False
    return bool(order.upstream[viewer.slot] >> target.slot & 1 and not order.late[viewer.slot] >> target.slot & 1)
