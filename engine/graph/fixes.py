"""What mends a finding with one click: the name that was meant, a new field of the start, what a step with no task may work on."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from engine.errors import Edit, Fix
from engine.expressions.analysis import Reference
from engine.graph.outline import NodeView, Outline
from engine.graph.schemas import types_of
from engine.json import JsonSchema
from engine.nodes.base import Gap
from engine.spec.workflow import UNDO_PORT

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_MOST = 3
_ANSWERS = frozenset({"output", "result", "answer", "response", "content", "message", "reply"})


def task_fixes(graph: Outline, schema_of: Callable[[NodeView], JsonSchema], node: NodeView, gap: Gap) -> tuple[Fix, ...]:
    """What a step could work on that is told nothing: the item around it, the result before it, a field of the start, or a new one."""

    def use(label: str, path: str, *more: Edit) -> Fix:
        return Fix(label, (*more, Edit("set", node.id, gap.field, f"{{{{ {path} }}}}")))

    found: list[Fix] = []
    around = graph.containers_of(node)
    if around and around[0].kind is not None and "item" in around[0].kind.gives:
        found.append(use("Use the entry", "item"))
    scope = graph.scopes[node.scope]
    for before in scope.nodes:
        leads = any(target == node.slot and port != UNDO_PORT for port, target in scope.edges[before.slot])
        if leads and before.kind is not None and not before.kind.is_entry:
            found.append(use(f"Use the result of “{before.name}”", _best_path(schema_of(before), before)))
    start = graph.start()
    if start is not None:
        fields = getattr(start.config, "fields", ())
        texts = [field for field in fields if field.type in ("text", "long_text")] or list(fields)
        found += [use(f"Use the field “{field.label}”", f"inputs.{field.name}") for field in texts]
        if not fields:
            asked = {"name": "message", "title": "Message", "type": "long_text"}
            found.append(use("Ask for it at the start", "inputs.message", Edit("append", start.id, "fields", asked)))
    return tuple(found[:_MOST])


def list_fixes(graph: Outline, node: NodeView, gap: Gap) -> tuple[Fix, ...]:
    """The lists that the start asks for, for a step that goes through one and is told none; a new one where it asks for nothing."""
    start = graph.start()
    if start is None or start.config is None:
        return ()
    fields = getattr(start.config, "fields", ())
    lists = [one for one in fields if one.type == "list"] or [one for one in fields if one.type == "json"]
    found = [(f"Use the field “{one.label}”", one.name, ()) for one in lists]
    if not fields:
        asked = {"name": "items", "title": "Items", "type": "list"}
        found = [("Ask for a list at the start", "items", (Edit("append", start.id, "fields", asked),))]
    return tuple(Fix(label, (*more, Edit("set", node.id, gap.field, f"{{{{ inputs.{name} }}}}"))) for label, name, more in found[:_MOST])


def content_fixes(nearest: Iterable[NodeView], schema_of: Callable[[NodeView], JsonSchema], node: NodeView, field: str) -> tuple[Fix, ...]:
    """The results before a node that say something, for a field that would only tell which way was taken."""
    telling = (one for one in nearest if one.kind is not None and not one.kind.only_decides and not one.kind.is_entry)
    return tuple(
        Fix(f"Use the result of “{one.name}”", (Edit("set", node.id, field, f"{{{{ {_best_path(schema_of(one), one)} }}}}"),))
        for one in islice(telling, _MOST)
    )


def _best_path(schema: JsonSchema, node: NodeView) -> str:
    """Its text, if its result has one."""
    text = schema.get("properties", {}).get("text")
    return f"{node.id}.text" if isinstance(text, dict) and types_of(text) == frozenset({"string"}) else node.id


def answer_name(name: str, known: Sequence[str], at: int) -> str | None:
    """What a model said is `text` here; people who come from other products call it otherwise."""
    return "text" if at == 1 and name in _ANSWERS and "text" in known else None


def swap(reference: Reference, at: int, near: str | None, *, node: str, path: str) -> tuple[Fix, ...]:
    """Write the name that was meant in place of the `at`-th part of the reference; nothing where that cannot be done by its words."""
    parts = reference.path[: at + 1]
    if near is None or not all(isinstance(part, str) for part in parts):
        return ()
    old, new = ".".join(map(str, parts)), ".".join([*map(str, parts[:-1]), near])
    return (Fix(f"Change to “{new}”", (Edit("replace", node, path, new, old=old),)),)


def add_input(start: NodeView | None, name: object) -> tuple[Fix, ...]:
    """Ask for it at the start."""
    if start is None or start.config is None or not isinstance(name, str) or not _NAME.fullmatch(name):
        return ()
    return (Fix(f"Add the field “{name}” to {start.name}", (Edit("append", start.id, "fields", {"name": name, "type": "text"}),)),)
