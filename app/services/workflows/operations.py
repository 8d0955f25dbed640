"""The vocabulary of edits: what a canvas gesture or an inspector field sends, parsed strictly from untrusted JSON."""

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.errors import Invalid
from engine.errors import SpecError
from engine.json import JsonObject, JsonValue
from engine.spec.explain import explain
from engine.spec.guard import JsonLimits, check_json
from engine.spec.workflow import NodeId, NodeSpec, PortName, Position

MAX_OPERATIONS = 5_000
LIMITS = JsonLimits(depth=32, values=400_000, string_chars=200_000, total_chars=8_000_000)
FieldName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_\-]{0,79}$")]
PolicyName = Literal["join", "others", "lock", "retry", "on_error", "timeout_s", "parent"]
LimitName = Literal["max_parallel", "timeout_s", "max_steps", "max_cost_micros", "max_tokens"]
EdgeKey = tuple[str, str, str]


def edge_touch(key: EdgeKey) -> str:
    """The key under which an edge is remembered as touched."""
    return f"e/{key[0]}.{key[1]}->{key[2]}"


class Operation(BaseModel):
    """Base of every edit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def touches(self) -> list[str]:
        """The node-and-field keys it changes; for a removal, Draft.touches adds what goes along."""
        raise NotImplementedError


class AddNode(Operation):
    """A node appears; its id must be free."""

    op: Literal["add_node"] = "add_node"
    node: NodeSpec

    def touches(self) -> list[str]:
        return [f"n/{self.node.id}"]


class RemoveNode(Operation):
    """A node goes, with its edges and, for a container, with everything inside."""

    op: Literal["remove_node"] = "remove_node"
    id: NodeId

    def touches(self) -> list[str]:
        return [f"n/{self.id}"]


class NodeMove(Position):
    """Where one node stands after a gesture."""

    id: NodeId


class Move(Operation):
    """Nodes were dragged, aligned, resized or laid out."""

    op: Literal["move"] = "move"
    moves: tuple[NodeMove, ...] = Field(min_length=1, max_length=10_000)

    def touches(self) -> list[str]:
        return [f"n/{move.id}/position" for move in self.moves]


class SetLabel(Operation):
    """The name people read on the node."""

    op: Literal["set_label"] = "set_label"
    id: NodeId
    label: str = Field(max_length=120)

    def touches(self) -> list[str]:
        return [f"n/{self.id}/label"]


class SetConfig(Operation):
    """One field of a node's config; `unset` returns it to its default."""

    op: Literal["set_config"] = "set_config"
    id: NodeId
    path: tuple[FieldName, ...] = Field(min_length=1, max_length=8)
    value: JsonValue = None
    unset: bool = False

    def touches(self) -> list[str]:
        return [f"n/{self.id}/config/{'/'.join(self.path)}"]


class SetPolicy(Operation):
    """How the node joins, retries, times out and fails, or which container it lives in."""

    op: Literal["set_policy"] = "set_policy"
    id: NodeId
    field: PolicyName
    value: JsonValue = None

    def touches(self) -> list[str]:
        return [f"n/{self.id}/{self.field}"]


class EdgeOperation(Operation):
    """What both verbs of edges share."""

    source: NodeId
    port: PortName = "out"
    target: NodeId

    @property
    def key(self) -> EdgeKey:
        """What makes two edges the same edge."""
        return (self.source, self.port, self.target)

    def touches(self) -> list[str]:
        return [edge_touch(self.key)]


class Connect(EdgeOperation):
    """An edge from a port to a node of the same scope."""

    op: Literal["connect"] = "connect"


class Disconnect(EdgeOperation):
    """The edge goes."""

    op: Literal["disconnect"] = "disconnect"


class SetMeta(Operation):
    """The workflow's own name or description."""

    op: Literal["set_meta"] = "set_meta"
    field: Literal["name", "description"]
    value: str = Field(max_length=4000)

    def touches(self) -> list[str]:
        return [f"meta/{self.field}"]


class SetLimit(Operation):
    """One limit of a run of this workflow."""

    op: Literal["set_limit"] = "set_limit"
    field: LimitName
    value: float | None

    def touches(self) -> list[str]:
        return [f"limits/{self.field}"]


class RenameNode(Operation):
    """The id that templates name; every reference and edge follows."""

    op: Literal["rename_node"] = "rename_node"
    id: NodeId
    new_id: NodeId

    def touches(self) -> list[str]:
        return [f"n/{self.id}", f"n/{self.new_id}"]


AnyOperation: TypeAlias = (
    AddNode | RemoveNode | Move | SetLabel | SetConfig | SetPolicy | Connect | Disconnect | SetMeta | SetLimit | RenameNode
)
_BY_NAME: dict[str, type[AnyOperation]] = {model.model_fields["op"].default: model for model in get_args(AnyOperation)}


def parse_operations(payload: object) -> list[AnyOperation]:
    """Parse a client's list of edits, or raise Invalid that names the first wrong place and what to do."""
    if not isinstance(payload, list):
        raise refuse("operations", "It must be a list of edits.")
    if len(payload) > MAX_OPERATIONS:
        raise refuse("operations", f"{len(payload):,} edits in one save; at most {MAX_OPERATIONS:,} are allowed. Save them in parts.")
    try:
        check_json(payload, limits=LIMITS, at="operations")
    except SpecError as error:
        finding = error.findings[0]
        place, problem = finding.field or "operations", f"{finding.message} {finding.remedy}".strip()
        raise Invalid(f"{_in_words(payload, place)}: {problem}", fields={place: problem}) from error
    return [_parse(item, index) for index, item in enumerate(payload)]


def _in_words(payload: list[object], place: str) -> str:
    """The field and the step that an edit sets, which a person knows; else the place in the message."""
    index = place.split(".")[1] if "." in place else ""
    edit = payload[int(index)] if index.isdigit() else None
    path = edit.get("path") if isinstance(edit, dict) else None
    if not isinstance(edit, dict) or not isinstance(path, list) or not path:
        return place
    return f"'{str(path[0])[:63]}' of the step '{str(edit.get('id'))[:63]}'"


def _parse(item: object, index: int) -> AnyOperation:
    model = _BY_NAME.get(item.get("op", "")) if isinstance(item, dict) and isinstance(item.get("op"), str) else None
    if model is None:
        raise refuse(f"operations.{index}.op", "Unknown kind of edit. Reload the page to get the current editor.")
    try:
        return model.model_validate(item)
    except ValidationError as error:
        problem = explain(error, model)[0]
        raise refuse(f"operations.{index}.{problem.field}", f"{problem.message} {problem.remedy}".strip()) from error


def refuse(field: str, problem: str) -> Invalid:
    """One clear error that names the field."""
    return Invalid(f"{field}: {problem}", fields={field: problem})


def dump_operation(operation: AnyOperation) -> JsonObject:
    """The JSON form that logs and clients read: what was given, and nothing that was not."""
    return operation.model_dump(mode="json", exclude_unset=True) | {"op": operation.op}
