"""JSON query: picks fields out of JSON with a JMESPath expression."""

import json

import jmespath
from jmespath.exceptions import JMESPathError

from engine.errors import Permanent
from engine.json import JsonObject, JsonValue
from engine.ports import ToolSchema

MAX_EXPRESSION = 1000
MAX_DATA = 1_000_000


class JsonQuery:
    """`json_query`: a path or filter over JSON data."""

    schema = ToolSchema(
        "json_query",
        "Picks, filters, sorts or counts parts of JSON data with a JMESPath expression, such as items[?price > `10`].name or "
        "length(items).",
        {
            "type": "object",
            "properties": {
                "data": {"description": "The JSON data, or a text that holds it."},
                "expression": {"type": "string", "maxLength": MAX_EXPRESSION, "description": "A JMESPath expression."},
            },
            "required": ["data", "expression"],
            "additionalProperties": False,
        },
        reads_only=True,
    )

    async def call(self, arguments: JsonObject) -> JsonValue:
        """{result}."""
        data = arguments["data"]
        if isinstance(data, str):
            data = _parse(data)
        try:
            return {"result": jmespath.compile(arguments["expression"]).search(data)}
        except JMESPathError as error:
            raise Permanent("query_error", f"The expression is not valid: {str(error)[:300]}") from error
        except (RecursionError, TypeError, ValueError, ArithmeticError) as error:
            raise Permanent("query_error", "The expression does not fit this data.") from error


def _parse(text: str) -> JsonValue:
    if len(text) > MAX_DATA:
        raise Permanent("query_error", "The data is too large.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Permanent("query_error", "'data' is a text that is not valid JSON.") from None
