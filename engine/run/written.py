"""Results and settings that people write by hand, checked against what the step gives and takes; pins and forks read them here."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from engine.agents.schemas import problems
from engine.errors import Permanent
from engine.json import JsonObject, JsonValue, as_object
from engine.json_shapes import blank_of
from engine.nodes.base import NodeConfig, NodeKind
from engine.nodes.registry import step_name
from engine.run.fork import Written
from engine.run.resolve import read_given
from engine.run.values import check_value
from engine.spec.agent import AgentSpec
from engine.spec.workflow import NodeSpec

ERROR = "error"


def read_output(
    node: NodeSpec, value: JsonValue, port: str | None, *, kinds: Mapping[str, NodeKind[Any]], agents: Mapping[str, AgentSpec]
) -> Written:
    """The result as the step could have given it. Raises Permanent `output_invalid` or `port_invalid`, or what check_value raises.

    Without a port it is read off the value where the kind can tell, and is the first way out otherwise.
    """
    check_value(value, what="value")
    kind, config = _kind(node, kinds)
    if config is None:
        return Written(value, port or "out")
    chosen = _choose_port(node, kind, config, value, port)
    wrong = [] if chosen == ERROR else problems(value, kind.output_schema(config, agents=agents))
    if wrong:
        raise Permanent("output_invalid", f"This is not what “{_name(node)}” gives: {'; '.join(wrong)}.", field="output")
    return Written(value, chosen)


def blank_output(node: NodeSpec, *, kinds: Mapping[str, NodeKind[Any]], agents: Mapping[str, AgentSpec]) -> JsonValue:
    """A result of the shape that the step gives, with nothing in it yet; None where that is not known."""
    kind, config = _kind(node, kinds)
    return None if config is None else blank_of(kind.output_schema(config, agents=agents))


def _choose_port(node: NodeSpec, kind: NodeKind[Any], config: NodeConfig, value: JsonValue, port: str | None) -> str:
    known = [one.name for one in kind.ports(config)] or ["out"]
    if node.on_error.action == "branch" and kind.can_fail:
        known.append(ERROR)
    implied = kind.port_of(config, value)
    chosen = port or implied or known[0]
    if chosen not in known:
        raise Permanent("port_invalid", f"“{_name(node)}” has no way out '{chosen}'. It has: {', '.join(known)}.", field="port")
    if implied is not None and chosen not in (implied, ERROR):
        message = f"The value says that “{_name(node)}” goes on at '{implied}', not at '{chosen}'. Change one of them."
        raise Permanent("port_invalid", message, field="port")
    return chosen


def read_inputs(node: NodeSpec, value: JsonValue, *, kinds: Mapping[str, NodeKind[Any]]) -> JsonObject:
    """Settings to run the step with, instead of its own. Raises Permanent `inputs_invalid` naming the field."""
    check_value(value, what="value")
    kind = kinds.get(node.kind)
    given = as_object(value)
    if kind is None or given is None:
        raise Permanent("inputs_invalid", f"The inputs of “{_name(node)}” are an object with one value per field.", field="inputs")
    read_given(kind, given)
    return given


def _kind(node: NodeSpec, kinds: Mapping[str, NodeKind[Any]]) -> tuple[NodeKind[Any], NodeConfig | None]:
    """The kind and its config; the latter is None while the step's settings are wrong, so that nothing is known of its output."""
    kind = kinds.get(node.kind)
    if kind is None or kind.is_drawing:
        raise Permanent("unknown_step", f"“{_name(node)}” is not a step that gives something.", field="node")
    try:
        return kind, kind.config_type.model_validate(node.config)
    except ValidationError:
        return kind, None


def _name(node: NodeSpec) -> str:
    return step_name(node.id, node.kind, node.label)
