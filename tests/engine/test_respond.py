"""The respond step: what it answers, and what an answer may not say."""

import json

import pytest

from engine.json import JsonObject
from engine.run.events import EventType
from tests.engine.kit import edges, make_plan, node, run_plan


async def respond(config: JsonObject, inputs: JsonObject | None = None) -> JsonObject:
    """The answer, or the error."""
    outcome, drive = await run_plan(make_plan([node("r", "respond", config=config)]), inputs=inputs or {})
    if outcome.error is not None:
        return outcome.error
    return drive.data(EventType.NODE_FINISHED, "r")["output"]


async def test_a_reference_alone_is_answered_as_json() -> None:
    answer = await respond({"status": 201, "body_json": {"id": "{{ inputs.id }}"}}, {"id": 7})
    assert answer["status"] == 201
    assert json.loads(answer["body"]) == {"id": 7}
    assert answer["headers"] == {"content-type": "application/json"}


async def test_a_text_names_its_type_and_headers_may_change_it() -> None:
    assert (await respond({"body_type": "text", "body_text": "Hi {{ inputs.n }}"}, {"n": "Mia"}))["body"] == "Hi Mia"
    answer = await respond({"body_type": "text", "body_text": "<Response/>", "headers": {"Content-Type": "text/xml", "X-Trace": "1"}})
    assert answer["headers"] == {"content-type": "text/xml", "x-trace": "1"}


async def test_an_answer_may_be_empty() -> None:
    assert await respond({"status": 204, "body_type": "none"}) == {"status": 204, "headers": {}, "body": ""}


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "af_session=x"},
        {"Location": "https://evil.test"},
        {"X-Frame-Options": "ALLOWALL"},
        {"X-Accel-Redirect": "/etc/passwd"},
        {"Content-Security-Policy": "default-src *"},
        {"Access-Control-Allow-Origin": "*"},
        {"Content-Length": "5"},
        {"X-A": "b\r\nSet-Cookie: c=d"},
        {"X-A": "ü"},
        {"bad name": "x"},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_headers_that_could_harm_the_site_are_refused_and_named(headers: dict[str, str]) -> None:
    error = await respond({"headers": headers})
    assert error["code"] == "invalid_response"
    assert next(iter(headers)) in error["message"]


async def test_redirects_and_huge_answers_are_refused() -> None:
    assert (await respond({"status": 302}))["field"] == "status"
    huge = await respond({"body_json": ["{{ inputs.x }}", "{{ inputs.x }}"]}, {"x": "a" * 600_000})
    assert huge["code"] == "input_too_large"


async def test_the_run_goes_on_after_the_answer() -> None:
    nodes = [node("r", "respond", config={"body_json": "ok"}), node("end", "end", config={"output": "done"})]
    outcome, _ = await run_plan(make_plan(nodes, edges("r>end")))
    assert outcome.output == "done"
