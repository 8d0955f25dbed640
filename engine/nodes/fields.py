"""Input fields that an author designs: the start node's form and an approval's questions, with their JSON Schema and their checks."""

from datetime import date
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.errors import Permanent
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.base import Gap, Value, Widget
from engine.words import as_words

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
FieldType = Literal["text", "long_text", "number", "integer", "boolean", "choice", "date", "list", "json"]
TYPE_LABELS: dict[str, str] = {
    "text": "Short text",
    "long_text": "Long text",
    "number": "Number",
    "integer": "Whole number",
    "boolean": "Yes / no",
    "choice": "One of a list",
    "date": "Date",
    "list": "List",
    "json": "JSON",
}
_SCHEMAS: dict[str, JsonSchema] = {
    "text": {"type": "string"},
    "long_text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "list": {"type": "array"},
    "json": {},
}
_KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "long_text": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "choice": (str,),
    "date": (str,),
    "list": (list,),
}


class FormField(BaseModel):
    """One question: its name in templates, what people read, and what counts as an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: FieldName = Field(title="Name", description="How steps refer to it: {{ inputs.name }}.")
    title: str = Field("", max_length=120, title="Label", description="What people read above the field.")
    type: Annotated[FieldType, Widget("select", options=tuple(TYPE_LABELS.items()))] = Field(
        "text", title="Type", description="What is asked for; it decides how the field looks and what is accepted."
    )
    description: str = Field("", max_length=400, title="Help", description="A hint below the field.")
    required: bool = Field(True, title="Required", description="A run does not start while it is empty.")
    default: Value = Field(None, title="Default", description="Used when nothing is filled in; may refer to earlier results.")
    example: Annotated[JsonValue, Widget("literal")] = Field(
        None, title="Example", description="Shown as a placeholder and used for trial runs."
    )
    options: Annotated[tuple[str, ...], Widget("lines", show_if=("type", "choice"))] = Field(
        (), max_length=200, title="Options", description="What the choice offers, one option a line."
    )

    @property
    def label(self) -> str:
        """The title, or a readable form of the name."""
        return self.title or as_words(self.name)

    def schema_of(self) -> JsonSchema:
        """JSON Schema of the answer."""
        schema: JsonSchema = {"title": self.label, **_SCHEMAS[self.type]}
        if self.description:
            schema["description"] = self.description
        if self.type == "choice" and self.options:
            schema["enum"] = list(self.options)
        if self.default is not None:
            schema["default"] = self.default
        if self.example is not None:
            schema["examples"] = [self.example]
        if self.type == "long_text":
            schema["x-multiline"] = True
        return schema

    def is_empty(self, value: JsonValue) -> bool:
        """Whether this leaves the field empty. A list without entries is an answer only where none is needed."""
        return value is None or (value == "" and self.type != "json") or (value == [] and self.type == "list" and self.required)

    def problem(self, value: JsonValue) -> str | None:
        """Why the value is not an answer to this field, in plain words; None when it is one."""
        kinds = _KINDS.get(self.type)
        if kinds is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and self.type != "boolean")):
            return f"must be {_article(TYPE_LABELS[self.type].lower())}"
        if isinstance(value, float) and not isfinite(value):
            return "must be a finite number"
        if self.type == "choice" and self.options and value not in self.options:
            return f"must be one of: {', '.join(self.options)}"
        if self.type == "date" and not _is_date(str(value)):
            return "must be a date such as 2026-03-31"
        return None


def _article(noun: str) -> str:
    return noun if noun in ("yes / no", "json", "one of a list") else f"a {noun}"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def form_gaps(fields: tuple[FormField, ...]) -> tuple[Gap, ...]:
    """Choices that offer nothing: people cannot answer them, though programs may send any text."""
    remedy = "List its options, one a line, or choose another type."
    return tuple(
        Gap(f"fields.{index}.options", f"The choice '{field.name}' offers no options.", remedy, is_fatal=False)
        for index, field in enumerate(fields)
        if field.type == "choice" and not any(option.strip() for option in field.options)
    )


def form_schema(fields: tuple[FormField, ...]) -> JsonSchema:
    """JSON Schema of a whole form, in the order of its fields."""
    return {
        "type": "object",
        "properties": {field.name: field.schema_of() for field in fields},
        "required": [field.name for field in fields if field.required and field.default is None],
        "additionalProperties": False,
    }


def read_form(fields: tuple[FormField, ...], values: JsonObject, *, code: str = "invalid_input", must_fill: bool = True) -> JsonObject:
    """The answers with defaults filled in; raises Permanent that names every wrong field. Without `must_fill` all may stay empty."""
    answers: JsonObject = {}
    problems: dict[str, str] = {name: "is not a field of this form" for name in values if name not in {field.name for field in fields}}
    for field in fields:
        value: Any = values.get(field.name)
        if field.is_empty(value):
            value = field.default
            if value is None and field.required and must_fill:
                problems[field.name] = "is required"
        elif problem := field.problem(value):
            problems[field.name] = problem
        answers[field.name] = value
    if problems:
        listed = "; ".join(f"{name} {problem}" for name, problem in problems.items())
        raise Permanent(code, f"Check the input: {listed}.", field=next(iter(problems)), details=dict(problems))
    return answers
