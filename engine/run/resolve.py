"""Turns a node's config with templates into the values of one step; the driver calls it before `run`, once per attempt."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from engine.errors import Permanent
from engine.expressions.errors import ExpressionError
from engine.expressions.template import compile_template, resolve_value
from engine.json import JsonObject, JsonValue
from engine.nodes.base import NodeConfig, NodeKind, widget_of
from engine.spec.explain import explain

Scope = Mapping[str, Any]
Resolve = Callable[[Scope], Any]
_RESOLVED = frozenset({"template", "value", "key_values", "values", "called_inputs"})


class Resolver:
    """The compiled templates of one node's config. Without any, every step shares the config and its recorded form."""

    __slots__ = ("config", "fields", "inputs")

    def __init__(self, config: NodeConfig) -> None:
        self.config = config
        self.fields = _fields(config, "")
        self.inputs: JsonObject = config.model_dump(mode="json", exclude_defaults=True)

    def resolve(self, scope: Scope) -> tuple[NodeConfig, JsonObject]:
        """The config with every template replaced, and what the journal records of it; raises NodeFailed naming the field."""
        if not self.fields:
            return self.config, self.inputs
        values = {name: resolve(scope) for name, resolve in self.fields}
        return self.config.model_copy(update=values), {**self.inputs, **{name: _plain(value) for name, value in values.items()}}


def read_given(kind: NodeKind[Any], given: JsonObject) -> NodeConfig:
    """Settings that a person wrote in place of the resolved ones; raises Permanent `inputs_invalid` naming the first wrong field."""
    try:
        return kind.config_type.model_validate(given)
    except ValidationError as error:
        problems = explain(error)
        listed = "; ".join(f"{item.field}: {item.message}" if item.field else item.message for item in problems)
        details: JsonObject = {item.field or "inputs": f"{item.message} {item.remedy}".strip() for item in problems}
        raise Permanent("inputs_invalid", f"The inputs do not fit this step: {listed}", field=problems[0].field, details=details) from error


def _plain(value: Any) -> JsonValue:
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[Any, ...]", value)]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def _fields(model: BaseModel, prefix: str) -> list[tuple[str, Resolve]]:
    found: list[tuple[str, Resolve]] = []
    for name, info in type(model).model_fields.items():
        value: Any = getattr(model, name)
        place = prefix + name
        widget = widget_of(info)
        resolve: Resolve | None = None
        if widget is not None and widget.name in _RESOLVED:
            resolve = _of_text(widget.name, value, place)
        elif isinstance(value, BaseModel):
            resolve = _of_model(value, place)
        elif isinstance(value, tuple):
            resolve = _of_models(cast("tuple[Any, ...]", value), place)
        if resolve is not None:
            found.append((name, resolve))
    return found


def _of_text(widget: str, value: Any, field: str) -> Resolve | None:
    if not has_markup(value):
        return None
    if widget == "template":
        return lambda scope: _render(value, scope, field)
    if widget == "key_values":
        return lambda scope: {key: _render(text, scope, f"{field}.{key}") for key, text in value.items()}
    return lambda scope: resolve_value(value, scope, field=field)


def _of_model(value: BaseModel, field: str) -> Resolve | None:
    fields = _fields(value, f"{field}.")
    if not fields:
        return None
    return lambda scope: value.model_copy(update={name: resolve(scope) for name, resolve in fields})


def _of_models(values: tuple[Any, ...], field: str) -> Resolve | None:
    parts = [_of_model(value, f"{field}.{index}") if isinstance(value, BaseModel) else None for index, value in enumerate(values)]
    if not any(parts):
        return None
    return lambda scope: tuple(value if part is None else part(scope) for value, part in zip(values, parts, strict=True))


def _render(source: str, scope: Scope, field: str) -> str:
    try:
        return compile_template(source).render(scope)
    except ExpressionError as error:
        raise error.failure(field) from error


def has_markup(value: JsonValue) -> bool:
    """Whether any text inside the value holds Liquid."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if "{{" in item or "{%" in item:
                return True
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            stack.extend(item.values())
    return False
