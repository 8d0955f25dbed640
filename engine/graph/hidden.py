"""Why the result of a step is not seen from another, and what to do instead."""

from engine.graph.outline import NodeView, Outline


def why_hidden(graph: Outline, target: NodeView, node: NodeView) -> tuple[str, str]:
    """The message and the remedy for a text of `node` that refers to `target`, which is not upstream of it."""
    name, here = graph.told(target), graph.told(node)
    around = {container.id for container in graph.containers_of(node)}
    if target is node:
        return "A step cannot use its own result.", "Refer to a step before it."
    if target.id in around:
        return f"{name} has no result yet while its body runs.", "Use 'item', 'loop.previous', or steps before it."
    if target.scope and target.scope not in around:
        message = f"{name} is inside {graph.told(graph.nodes[target.scope])}, so its result is not seen from {here}."
        return message, f"Use {{{{ {target.scope} }}}}, the results of all its items."
    if _comes_later(graph, target, node):
        message = f"{name} comes later than {here}, so its values are not known here."
        return message, f"Refer to a step before {here}, or do this in a step that follows {name}."
    return f"{name} does not run before {here}.", f"Connect {name} so that it leads to {here}."


def _comes_later(graph: Outline, target: NodeView, node: NodeView) -> bool:
    """Whether the node, or a container around it, leads to the target: to connect them the other way round would be a circle."""
    order = graph.scopes[target.scope].order
    viewer = next((one for one in (node, *graph.containers_of(node)) if one.scope == target.scope), None)
    return order is not None and viewer is not None and bool(order.upstream[target.slot] >> viewer.slot & 1)
