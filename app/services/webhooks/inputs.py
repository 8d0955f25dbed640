"""From a request to the inputs of a run: its fields by name, a mapping of templates, or the whole request."""

from app.core.errors import Invalid
from app.services.webhooks.request import Content
from app.services.webhooks.settings import WebhookSettings
from engine.errors import NodeFailed, SpecError
from engine.expressions.template import resolve_value
from engine.json import JsonObject, JsonValue, as_object
from engine.nodes.fields import FormField
from engine.spec.guard import parse_json


def build_inputs(settings: WebhookSettings, fields: tuple[FormField, ...], content: Content) -> JsonObject:
    """The inputs; whether they fit the start step's form is checked where runs start. Raises Invalid for a mapping that fails."""
    if settings.input_mode == "request":
        return content.scope()
    if settings.input_mode == "mapping":
        return _mapped(settings.mapping, content)
    return _named(fields, content)


def _mapped(mapping: dict[str, str], content: Content) -> JsonObject:
    scope = content.scope()
    values: JsonObject = {}
    problems: dict[str, str] = {}
    for name, template in mapping.items():
        try:
            values[name] = resolve_value(template, scope, field=name)
        except NodeFailed as error:
            problems[name] = error.message
    if problems:
        raise Invalid("The request does not fit the mapping.", fields=problems, code="invalid_mapping")
    return values


def _named(fields: tuple[FormField, ...], content: Content) -> JsonObject:
    body = as_object(content.body)
    if body is None and content.body is not None:
        if fields:
            names = ", ".join(field.name for field in fields[:12])
            message = f"The body must be an object with the fields of the workflow: {names}."
            raise Invalid(message, fields={"body": message})
        body = {"body": content.body}
    if not fields:
        return {**content.query, **(body or {})}
    from_query = {field.name: _typed(field, content.query[field.name]) for field in fields if field.name in content.query}
    given = {field.name: (body or {})[field.name] for field in fields if field.name in (body or {})}
    if content.is_text_only:
        given = {field.name: _typed(field, given[field.name]) for field in fields if field.name in given}
    return from_query | given


def _typed(field: FormField, value: JsonValue) -> JsonValue:
    """A text of a form or query as the type its field has; what does not look like it stays text and is refused with a reason."""
    if field.type == "list" and not isinstance(value, list):
        return [value]
    if not isinstance(value, str):
        return value
    text = value.strip()
    if field.type == "boolean":
        return _BOOLEANS.get(text.lower(), value)
    try:
        if field.type == "integer":
            return int(text)
        if field.type == "number":
            return float(text)
        if field.type == "json":
            return parse_json(text)
    except (ValueError, SpecError):
        return value
    return value


_BOOLEANS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}
