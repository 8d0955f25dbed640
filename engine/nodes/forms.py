"""Describes node kinds for people: the palette's entries and the inspector's fields, both derived from the kinds themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from engine.json import JsonValue
from engine.nodes.base import NodeConfig, NodeKind, Widget, widget_of
from engine.words import as_words

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `widget` is a Widget name; `columns` describe one entry of a list such as cases or buttons."""

    name: str
    label: str
    help: str
    widget: str
    default: JsonValue
    is_required: bool = False
    is_advanced: bool = False
    placeholder: str = ""
    options: tuple[Option, ...] = ()
    show_if: tuple[str, str] | None = None
    low: float | None = None
    high: float | None = None
    columns: tuple["FormField", ...] = field(default=())


@dataclass(frozen=True, slots=True)
class KindCard:
    """One palette entry."""

    kind: str
    title: str
    summary: str
    category: str
    icon: str
    is_container: bool
    can_fail: bool


def kind_card(kind: NodeKind[Any]) -> KindCard:
    """Describe a kind for the palette."""
    return KindCard(kind.kind, kind.title, kind.summary, kind.category, kind.icon, kind.is_container, kind.can_fail)


def form_of(kind: NodeKind[Any]) -> tuple[FormField, ...]:
    """The fields of a kind's Config, in their order."""
    return fields_of(kind.config_type)


def label_of(kind: NodeKind[Any], path: str) -> str:
    """What people call the field at a dotted path: "Message", "Cases, 2, When"."""
    words: list[str] = []
    fields = form_of(kind)
    for part in path.split("."):
        known = next((item for item in fields if item.name == part), None)
        words.append(known.label if known else str(int(part) + 1) if part.isdigit() else part)
        fields = known.columns if known else fields if part.isdigit() else ()
    return ", ".join(words)


@lru_cache(maxsize=256)
def fields_of(model: type[BaseModel]) -> tuple[FormField, ...]:
    """The fields of a Config or of one entry inside it."""
    return tuple(_field(name, info, in_config=issubclass(model, NodeConfig)) for name, info in model.model_fields.items())


def _field(name: str, info: FieldInfo, *, in_config: bool) -> FormField:
    widget = widget_of(info) or Widget(_default_widget(info.annotation))
    entry = _entry_model(info.annotation) if in_config else None
    low, high = _bounds(info)
    return FormField(
        name=name,
        label=info.title or as_words(name),
        help=info.description or "",
        widget=widget.name,
        default=_default(info),
        is_required=info.is_required(),
        is_advanced=widget.advanced,
        placeholder=widget.placeholder,
        options=widget.options or _literal_options(info.annotation),
        show_if=widget.show_if,
        low=low,
        high=high,
        columns=fields_of(entry) if entry else (),
    )


def _default(info: FieldInfo) -> JsonValue:
    value = info.get_default(call_default_factory=True)
    return None if value is PydanticUndefined else _plain(value)


def _plain(value: Any) -> JsonValue:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _bounds(info: FieldInfo) -> tuple[float | None, float | None]:
    """The smallest and largest number the field takes."""
    low: Any = next((item.ge if isinstance(item, Ge) else item.gt for item in info.metadata if isinstance(item, Ge | Gt)), None)
    high: Any = next((item.le if isinstance(item, Le) else item.lt for item in info.metadata if isinstance(item, Le | Lt)), None)
    return low, high


def _parts(annotation: Any) -> Iterator[Any]:
    """The annotation and everything inside it, without None."""
    yield annotation
    for part in get_args(annotation):
        if isinstance(part, type) or get_origin(part) is not None:
            yield from _parts(part)


def _entry_model(annotation: Any) -> type[BaseModel] | None:
    """The model of one entry, for a tuple of models."""
    return next((part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _literal_options(annotation: Any) -> tuple[Option, ...]:
    for part in _parts(annotation):
        if get_origin(part) is Literal:
            return tuple((str(value), as_words(str(value))) for value in get_args(part))
    return ()


def _default_widget(annotation: Any) -> str:
    """The widget of a field that names none."""
    choices = [part for part in get_args(annotation) if part is not type(None)] if _is_union(annotation) else [annotation]
    if len(choices) > 1:
        return "json"
    bare = choices[0]
    if bare is bool:
        return "toggle"
    if bare in (int, float):
        return "number"
    if get_origin(bare) is Literal:
        return "select"
    if get_origin(bare) is Annotated:
        return _default_widget(get_args(bare)[0])
    if get_origin(bare) is tuple and get_args(bare)[0] is str:
        return "lines"
    return "text" if bare is str else "json"


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)
