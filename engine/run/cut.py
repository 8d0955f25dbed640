"""Which steps a run takes that goes only as far as one step: that step, what stands before it, and the containers around it."""

from engine.spec.workflow import NodeSpec, WorkflowSpec


def needed_for(workflow: WorkflowSpec, node_id: str) -> tuple[str, ...]:
    """Ids in drawing order; empty when there is no such step. A container that stands before the step comes with all it holds."""
    nodes = {node.id: node for node in workflow.nodes}
    sources: dict[str, list[str]] = {}
    for edge in workflow.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    bodies: dict[str, list[str]] = {}
    for node in workflow.nodes:
        if node.parent is not None:
            bodies.setdefault(node.parent, []).append(node.id)
    around = containers_around(nodes, node_id)
    wanted: set[str] = set()
    stack = [node_id, *around]
    while stack:
        one = stack.pop()
        if one in wanted or one not in nodes:
            continue
        wanted.add(one)
        stack.extend(sources.get(one, ()))
        if one not in around:
            stack.extend(bodies.get(one, ()))
    return tuple(node.id for node in workflow.nodes if node.id in wanted)


def containers_around(nodes: dict[str, NodeSpec], node_id: str) -> list[str]:
    """The containers a step lives in, innermost first."""
    found: list[str] = []
    node = nodes.get(node_id)
    while node is not None and node.parent is not None and node.parent not in found:
        found.append(node.parent)
        node = nodes.get(node.parent)
    return found
