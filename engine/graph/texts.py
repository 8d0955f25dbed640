"""Every template, condition and name inside a node's config, found by the widgets of its fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pydantic import BaseModel

from engine.expressions.analysis import iterate_texts
from engine.json import JsonValue
from engine.nodes.base import Widget, widget_of

TEMPLATES = frozenset({"template", "value", "key_values", "values", "late_template", "late_value", "called_inputs"})
NAMES = frozenset({"agent", "agents", "model", "models", "tools", "credential", "code", "node", "nodes"})
_CHECKED = TEMPLATES | NAMES | {"condition"}


@dataclass(frozen=True, slots=True)
class ConfigField:
    """One field with its dotted path inside the config."""

    path: str
    widget: Widget
    value: JsonValue

    @property
    def is_condition(self) -> bool:
        """Whether its text is a condition."""
        return self.widget.name == "condition"

    @property
    def is_template(self) -> bool:
        """Whether its texts are templates."""
        return self.widget.name in TEMPLATES

    @property
    def is_late(self) -> bool:
        """Whether the node itself evaluates it, a container inside its body."""
        return self.widget.name.startswith("late_")

    def texts(self) -> Iterator[tuple[str, str]]:
        """All texts inside the value with their paths."""
        return iterate_texts(self.value, self.path)


@lru_cache(maxsize=512)
def _layout(model: type[BaseModel]) -> tuple[tuple[str, Widget | None], ...]:
    return tuple((name, widget_of(info)) for name, info in model.model_fields.items())


def config_fields(config: BaseModel) -> Iterator[ConfigField]:
    """All fields that hold templates, conditions or names, also inside nested models and lists of models."""
    stack: list[ConfigField | tuple[BaseModel, str]] = [(config, "")]
    while stack:
        item = stack.pop()
        if isinstance(item, ConfigField):
            yield item
        else:
            stack.extend(reversed(list(_parts(*item))))


def agent_names(item: ConfigField) -> list[str]:
    """The agents that a field names."""
    if item.widget.name not in ("agent", "agents"):
        return []
    names = item.value if isinstance(item.value, list) else [item.value]
    return [name for name in names if isinstance(name, str) and name]


def _parts(model: BaseModel, prefix: str) -> Iterator[ConfigField | tuple[BaseModel, str]]:
    for name, widget in _layout(type(model)):
        value = getattr(model, name)
        if widget is not None and widget.name in _CHECKED:
            yield ConfigField(prefix + name, widget, _plain(value))
        elif isinstance(value, BaseModel):
            yield value, f"{prefix}{name}."
        elif isinstance(value, tuple):
            for index, inner in enumerate(value):
                if isinstance(inner, BaseModel):
                    yield inner, f"{prefix}{name}.{index}."


def _plain(value: object) -> JsonValue:
    return list(value) if isinstance(value, tuple) else value  # type: ignore[return-value]
