"""What the containers over lists share: reading the list, and what happens when the steps inside fail for an entry."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from engine.errors import LimitExceeded, Permanent
from engine.json import JsonObject, JsonSchema, JsonValue
from engine.nodes.base import MAX_ITEMS, Gap, ItemResult, NodeConfig, Widget

_ON_ERROR = (
    ("fail", "Stop: this step fails"),
    ("collect", "Go on; its result stays empty and the error is listed"),
    ("skip", "Go on; leave it out of the results"),
)
_REST = (("cancel", "Stop them"), ("finish", "Let those finish that have begun"))


class ListPolicies(NodeConfig):
    """Failures, repetition, and how many good results are enough; the kinds add the list itself."""

    on_item_error: Annotated[Literal["fail", "collect", "skip"], Widget("select", options=_ON_ERROR)] = Field(
        "fail", title="If an entry fails", description="What happens to the others when the steps inside fail for one entry."
    )
    result: Annotated[JsonValue, Widget("late_value")] = Field(
        None,
        title="Result of one entry",
        description="What to keep per entry, such as {{ summarise.text }} or an object. Empty: the output of the last step inside.",
    )
    tries: Annotated[int, Widget("number", advanced=True)] = Field(
        1, ge=1, le=10, title="Tries per entry", description="How often the steps inside are run from their start for an entry that fails."
    )
    enough: Annotated[int | None, Widget("number", advanced=True)] = Field(
        None, ge=1, le=MAX_ITEMS, title="Enough good results", description="With so many the step is done early. Empty: wait for all."
    )
    others: Annotated[Literal["cancel", "finish"], Widget("select", options=_REST, advanced=True)] = Field(
        "cancel", title="The others then", description="What happens to the entries that are still worked on when there are enough."
    )


def read_list(value: JsonValue) -> list[JsonValue]:
    """The entries of a list, or the fields of an object as `{key, value}`; raises Permanent naming the field `items`."""
    if isinstance(value, dict):
        value = [{"key": key, "value": entry} for key, entry in value.items()]
    if not isinstance(value, list):
        found = "nothing" if value is None or value == "" else f"a {type(value).__name__}"
        raise Permanent("not_a_list", f"'List' needs a list, but got {found}. Refer to one, such as {{{{ inputs.rows }}}}.", field="items")
    if len(value) > MAX_ITEMS:
        raise LimitExceeded("too_many_items", f"The list has {len(value):,} entries; at most {MAX_ITEMS:,} are allowed.", field="items")
    return value


def list_gaps(value: JsonValue) -> tuple[Gap, ...]:
    """Nothing at all is no list; a list without entries is one."""
    is_there = bool(value.strip()) if isinstance(value, str) else value is not None
    return () if is_there else (Gap("items", "There is no list to go through.", "Refer to one, such as {{ inputs.rows }}.", is_list=True),)


def results_schema() -> JsonSchema:
    """Results in the order of the list, and what failed; the checker fills in what one result is."""
    error = {"type": "object", "properties": {"index": {"type": "integer"}, "code": {"type": "string"}, "message": {"type": "string"}}}
    properties = {"results": {"type": "array"}, "errors": {"type": "array", "items": error}, "count": {"type": "integer"}}
    return {"type": "object", "properties": properties, "required": list(properties)}


def gather(config: ListPolicies, results: Sequence[ItemResult]) -> JsonObject:
    """What all entries gave, in order; raises Permanent when an entry failed that must not, or when too few are good."""
    needed = [result for result in results if not result.is_unneeded]
    failed = [result for result in needed if result.error is not None]
    if config.on_item_error == "fail" and failed:
        raise _failure(failed[0])
    good = len(needed) - len(failed)
    if config.enough is not None and good < config.enough:
        message = f"Only {good} of the {config.enough} results that are needed came about."
        raise Permanent("too_few_results", message, details={"errors": [_told(result) for result in failed[:20]]})
    kept = [result.value for result in needed if result.error is None or config.on_item_error == "collect"]
    return {"results": kept, "errors": [_told(result) for result in failed], "count": len(needed)}


def _told(result: ItemResult) -> JsonObject:
    return {"index": result.index, "item": result.item, **(result.error or {})}


def _failure(result: ItemResult) -> Permanent:
    error = result.error or {}
    at = f" at “{result.at}”" if result.at else ""
    message = f"Entry {result.index + 1} failed{at}: {error.get('message')}"
    return Permanent("item_failed", message, details={"index": result.index, "cause": str(error.get("code"))})
