"""Node kinds in small runs, as an author uses them."""

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import NodeFailed, Permanent, SpecError, Transient
from engine.json import JsonObject, JsonValue
from engine.nodes.base import Effect
from engine.nodes.http import Http
from engine.nodes.http_config import HttpConfig
from engine.ports import CodeResult, HttpRequest, HttpResponse
from engine.run.events import EventType, Outcome
from engine.spec.workflow import NodeSpec
from tests.engine.kit import NOON, Drive, HandClock, Step, edges, make_plan, node, run_plan


async def run_one(kind: str, config: JsonObject, **deps: Any) -> tuple[Outcome, Drive]:
    return await run_plan(make_plan([node("n", kind, config=config)]), **deps)


def error_code(outcome: Outcome) -> str:
    assert outcome.error is not None, outcome
    return str(outcome.error["code"])


FIELDS: list[JsonObject] = [
    {"name": "email", "type": "text"},
    {"name": "age", "type": "integer", "required": False, "default": 18},
    {"name": "plan", "type": "choice", "options": ["free", "pro"], "required": False},
]


async def test_start_fills_in_defaults_and_templates_see_them() -> None:
    nodes = [
        node("start", "start", config={"fields": FIELDS}),
        node("t", "template", config={"text": "{{ inputs.email }}:{{ inputs.age }}"}),
    ]
    outcome, _ = await run_plan(make_plan(nodes, edges("start>t")), inputs={"email": "a@b.c"})
    assert outcome.output == "a@b.c:18"


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({}, "email is required"),
        ({"email": 5}, "email must be a short text"),
        ({"email": "x", "age": 1.5}, "age must be a whole number"),
        ({"email": "x", "age": True}, "age must be a whole number"),
        ({"email": "x", "plan": "gold"}, "plan must be one of: free, pro"),
        ({"email": "x", "isadmin": 1}, "isadmin is not a field"),
    ],
)
async def test_start_names_every_wrong_input(inputs: JsonObject, named: str) -> None:
    outcome, _ = await run_one("start", {"fields": FIELDS}, inputs=inputs)
    assert error_code(outcome) == "invalid_input"
    assert outcome.error is not None
    assert named in outcome.error["message"]


@pytest.mark.parametrize(("score", "port"), [(0.9, "high"), (0.6, "mid"), (0.1, "otherwise")])
async def test_condition_takes_the_first_case_that_holds(score: float, port: str) -> None:
    cases = [{"id": "high", "condition": "inputs.score > 0.8"}, {"id": "mid", "condition": "inputs.score > 0.5"}]
    outcome, drive = await run_one("condition", {"cases": cases}, inputs={"score": score})
    assert drive.data(EventType.NODE_FINISHED, "n")["port"] == port
    assert outcome.output == {"case": port}


async def test_a_bad_condition_names_its_place() -> None:
    cases = [{"id": "a", "condition": "false"}, {"id": "b", "condition": "inputs.x >"}]
    outcome, _ = await run_one("condition", {"cases": cases}, inputs={"x": 1})
    assert error_code(outcome) == "condition_error"
    assert outcome.error is not None
    assert outcome.error["field"] == "cases.1.condition"


@pytest.mark.parametrize(
    ("value", "port"), [("Refund ", "money"), ("INVOICE", "money"), (3, "three"), (None, "otherwise"), ("x", "otherwise")]
)
async def test_switch_compares_as_text(value: JsonValue, port: str) -> None:
    cases = [{"id": "money", "equals": "refund | invoice"}, {"id": "three", "equals": "3"}]
    _, drive = await run_one("switch", {"value": "{{ inputs.v }}", "cases": cases}, inputs={"v": value})
    assert drive.data(EventType.NODE_FINISHED, "n")["port"] == port


async def test_variables_are_seen_downstream_only_and_the_later_one_wins() -> None:
    nodes = [
        node("start", "start"),
        node("one", "set_variables", config={"values": {"a": 1, "b": "{{ inputs.rows }}"}}),
        node("two", "set_variables", config={"values": {"a": 2}}),
        node("aside", "set_variables", config={"values": {"a": 99}}),
        node("e", "end", config={"output": "{{ vars }}"}),
    ]
    outcome, _ = await run_plan(make_plan(nodes, edges("start>one>two>e", "start>aside")), inputs={"rows": [1]})
    assert outcome.output == {"a": 2, "b": [1]}


@pytest.mark.parametrize(("mode", "expected"), [("object", {"a": "a", "b": "b"}), ("list", ["a", "b"]), ("first", "a")])
async def test_merge_combines_in_the_order_of_the_connections(mode: str, expected: JsonValue) -> None:
    nodes = [node("b"), node("a"), node("m", "merge", config={"mode": mode})]
    outcome, _ = await run_plan(make_plan(nodes, edges("a>m", "b>m")))
    assert outcome.output == expected


async def test_a_failure_names_the_field_as_people_read_it() -> None:
    nodes = [node("start", "start"), node("a", "template", config={"text": "{{ inputs.nothing }}"})]
    outcome, _ = await run_plan(make_plan(nodes, edges("start>a")))
    assert outcome.error is not None
    assert (outcome.error["message"][:6], outcome.error["field"]) == ("Text: ", "text")


async def test_a_result_that_is_not_upstream_cannot_be_read() -> None:
    nodes = [node("start", "start"), node("a", "quick"), node("b", "template", config={"text": "{{ a }}"})]
    outcome, _ = await run_plan(make_plan(nodes, edges("start>a", "start>b")))
    assert error_code(outcome) == "template_error"


def map_plan(body: list[NodeSpec], links: tuple[Any, ...] = (), *kinds: Any, **config: Any) -> Any:
    return make_plan([node("m", "map", config={"items": "{{ inputs.rows }}", **config}), *body], links, *kinds)


async def test_map_keeps_the_order_of_the_list() -> None:
    body = [node("a", "template", parent="m", config={"text": "{{ index }}:{{ item.n }}"})]
    outcome, _ = await run_plan(map_plan(body, parallel=3), inputs={"rows": [{"n": n} for n in range(20)]})
    assert outcome.output == {"results": [f"{n}:{n}" for n in range(20)], "errors": [], "count": 20}


async def test_map_over_nothing_and_over_an_object() -> None:
    body = [node("a", "template", parent="m", config={"text": "{{ item.key }}={{ item.value }}"})]
    outcome, _ = await run_plan(map_plan(body), inputs={"rows": []})
    assert outcome.output == {"results": [], "errors": [], "count": 0}
    outcome, _ = await run_plan(map_plan(body), inputs={"rows": {"x": 1}})
    assert isinstance(outcome.output, dict)
    assert outcome.output["results"] == ["x=1"]


async def test_map_without_steps_inside_gives_nothing_per_entry() -> None:
    outcome, _ = await run_plan(map_plan([]), inputs={"rows": [1, 2]})
    assert isinstance(outcome.output, dict)
    assert outcome.output["results"] == [None, None]


async def test_map_refuses_what_is_not_a_list() -> None:
    outcome, _ = await run_plan(map_plan([]), inputs={"rows": "abc"})
    assert error_code(outcome) == "not_a_list"


async def test_maps_nest() -> None:
    nodes = [
        node("m", "map", config={"items": "{{ inputs.rows }}", "result": "{{ inner.results }}"}),
        node("inner", "map", parent="m", config={"items": "{{ item }}"}),
        node("t", "template", parent="inner", config={"text": "{{ item }}/{{ index }}"}),
    ]
    outcome, drive = await run_plan(make_plan(nodes), inputs={"rows": [["a", "b"], [], ["c"]]})
    assert isinstance(outcome.output, dict)
    assert outcome.output["results"] == [["a/0", "b/1"], [], ["c/0"]]
    assert drive.output("t", "0/1") == "b/1"


async def odd_fails(ctx: Any) -> int:
    number = ctx.scope()["item"]
    if number % 2:
        raise Permanent("odd", f"{number} is odd.")
    return number


@pytest.mark.parametrize(
    ("policy", "results", "failed"),
    [("collect", [0, None, 2, None], [1, 3]), ("skip", [0, 2], [1, 3])],
)
async def test_map_goes_on_after_a_failed_entry(policy: str, results: list[Any], failed: list[int]) -> None:
    plan = map_plan([node("a", parent="m")], (), Step({"a": odd_fails}), on_item_error=policy)
    outcome, _ = await run_plan(plan, inputs={"rows": [0, 1, 2, 3]})
    assert isinstance(outcome.output, dict)
    assert outcome.output["results"] == results
    assert [error["index"] for error in outcome.output["errors"]] == failed
    assert outcome.output["errors"][0]["message"] == "1 is odd."


async def test_map_fails_with_the_entry_that_failed() -> None:
    plan = map_plan([node("a", parent="m", label="Halve it")], (), Step({"a": odd_fails}), parallel=4)
    outcome, _ = await run_plan(plan, inputs={"rows": [0, 2, 5]})
    assert error_code(outcome) == "item_failed"
    assert outcome.error is not None
    assert outcome.error["message"] == "Entry 3 failed at “Halve it”: 5 is odd."


async def test_a_failed_map_can_go_on_at_its_error_port() -> None:
    nodes = [node("m", "map", on_error="branch", config={"items": [1]}), node("a", parent="m"), node("fix")]
    outcome, _ = await run_plan(make_plan(nodes, edges("m.error>fix"), Step({"a": odd_fails})))
    assert outcome.output == "fix"


class FakeHttp:
    """Answers from a list and keeps the requests."""

    def __init__(self, *answers: HttpResponse | NodeFailed) -> None:
        self.answers = list(answers)
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, NodeFailed):
            raise answer
        return answer


def reply(body: str = "{}", status: int = 200, **headers: str) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "application/json", **headers}, body.encode(), "https://x.test/")


async def test_http_sends_what_was_configured_and_reads_json() -> None:
    http = FakeHttp(reply('{"ok": [1]}'))
    config = {
        "method": "POST",
        "url": "https://x.test/a?b=1",
        "query": {"q": "{{ inputs.q }}"},
        "body_type": "json",
        "body_json": {"n": "{{ inputs.n }}", "s": "n is {{ inputs.n }}"},
    }
    outcome, _ = await run_one("http", config, http=http, inputs={"q": "a&b", "n": 3}, run_id="r9")
    sent = http.requests[0]
    assert sent.url == "https://x.test/a?b=1&q=a%26b"
    assert sent.body == b'{"n": 3, "s": "n is 3"}'
    assert sent.headers["Idempotency-Key"] == "r9:n:"
    assert isinstance(outcome.output, dict)
    assert (outcome.output["status"], outcome.output["json"]) == (200, {"ok": [1]})


async def test_a_request_carries_the_name_of_a_credential_and_never_more() -> None:
    http = FakeHttp(reply())
    await run_one("http", {"url": "https://x.test", "credential": "crm"}, http=http)
    assert http.requests[0].credential == "crm"
    assert "Authorization" not in http.requests[0].headers


@pytest.mark.parametrize(("status", "tries"), [(503, 2), (429, 2), (404, 1), (401, 1)])
async def test_http_tries_again_only_what_may_pass(status: int, tries: int) -> None:
    http = FakeHttp(reply("gone", status), reply("gone", status))
    plan = make_plan([node("n", "http", attempts=2, config={"url": "https://x.test"})])
    outcome, _ = await run_plan(plan, http=http)
    assert error_code(outcome) == "http_status"
    assert len(http.requests) == tries


@pytest.mark.parametrize("value", ["120", "Tue, 31 Mar 2026 12:02:00 GMT"])
async def test_http_honours_retry_after(value: str) -> None:
    plan = make_plan([node("n", "http", attempts=2, config={"url": "https://x.test"})])
    outcome, _ = await run_plan(plan, http=FakeHttp(reply("slow down", 429, **{"Retry-After": value})), clock=HandClock())
    assert outcome.wake_at == NOON + timedelta(seconds=120)


async def test_an_expected_status_is_not_a_failure() -> None:
    outcome, _ = await run_one("http", {"url": "https://x.test", "expect": "2xx, 404"}, http=FakeHttp(reply("", 404)))
    assert isinstance(outcome.output, dict)
    assert outcome.output["status"] == 404


@pytest.mark.parametrize("url", ["ftp://x.test", "x.test", "", "file:///etc/passwd"])
async def test_http_refuses_other_addresses(url: str) -> None:
    outcome, _ = await run_one("http", {"url": url}, http=FakeHttp())
    assert error_code(outcome) == "invalid_url"


async def test_a_header_cannot_be_smuggled_in() -> None:
    config = {"url": "https://x.test", "headers": {"X-A": "{{ inputs.v }}"}}
    outcome, _ = await run_one("http", config, http=FakeHttp(reply()), inputs={"v": "a\r\nX-Evil: 1"})
    assert error_code(outcome) == "invalid_header"


def test_http_is_repeated_only_where_that_is_safe() -> None:
    assert Http().effect_of(HttpConfig.model_validate({"method": "GET"})) is Effect.IDEMPOTENT
    assert Http().effect_of(HttpConfig.model_validate({"method": "POST"})) is Effect.EFFECT
    assert Http().effect_of(HttpConfig.model_validate({"method": "POST", "safe_to_repeat": True})) is Effect.IDEMPOTENT


async def test_a_network_fault_is_tried_again() -> None:
    http = FakeHttp(Transient("network", "Cut."), reply())
    outcome, _ = await run_plan(make_plan([node("n", "http", attempts=2, config={"url": "https://x.test"})]), http=http)
    assert outcome.status == "succeeded"


class FakeCode:
    """Adds its inputs up."""

    async def run(self, source: str, inputs: JsonObject, *, timeout_s: float = 5.0) -> CodeResult:
        return CodeResult(sum(inputs["numbers"]), "adding\n")


async def test_code_gets_values_and_keeps_what_it_printed() -> None:
    config = {"source": "sum(numbers)", "inputs": {"numbers": "{{ inputs.rows }}"}}
    outcome, drive = await run_one("code", config, code=FakeCode(), inputs={"rows": [1, 2]})
    assert outcome.output == 3
    assert drive.data(EventType.NODE_PROGRESS, "n")["fact"]["text"] == "adding\n"


@pytest.mark.parametrize(("until", "parked"), [("2026-03-31T11:00:00Z", False), ("2026-03-31T13:00", True), ("2026-04-01", True)])
async def test_delay_until_a_moment(until: str, parked: bool) -> None:
    outcome, _ = await run_one("delay", {"mode": "until", "until": until}, clock=HandClock())
    assert (outcome.status == "waiting") is parked


@pytest.mark.parametrize("until", ["soon", "2099-01-01"])
async def test_delay_refuses_what_is_no_moment_or_too_far_away(until: str) -> None:
    outcome, _ = await run_one("delay", {"mode": "until", "until": until}, clock=HandClock())
    assert error_code(outcome) == "invalid_delay"


async def test_notes_are_not_part_of_a_run() -> None:
    outcome, drive = await run_plan(make_plan([node("a"), node("note", "note", config={"text": "hello"})]))
    assert outcome.output == "a"
    assert "note" not in {event.node for event in drive.journal.events}


async def test_an_end_without_a_result_gives_what_came_in() -> None:
    outcome, _ = await run_plan(make_plan([node("a"), node("e", "end")], edges("a>e")))
    assert outcome.output == "a"


@pytest.mark.parametrize(
    "config",
    [
        {"cases": [{"id": "a"}, {"id": "a"}]},
        {"cases": [{"id": "otherwise"}]},
        {"cases": []},
        {"cases": [{"id": "Not A Port"}]},
    ],
)
def test_port_names_must_be_unique_and_free(config: JsonObject) -> None:
    for kind in ("condition", "switch"):
        with pytest.raises(SpecError):
            make_plan([node("n", kind, config=config)])


async def test_http_answers_with_strange_values_can_be_stored() -> None:
    body = '{"nul": "\\u0000", "half": "\\ud800", "id": 123456789012345678901, "nan": NaN}'
    outcome, _ = await run_one("http", {"url": "https://x.test"}, http=FakeHttp(reply(body)))
    assert isinstance(outcome.output, dict), outcome
    assert outcome.output["json"] == {"nul": "\ufffd", "half": "?", "id": "123456789012345678901", "nan": None}


async def test_an_error_message_can_be_stored() -> None:
    http = FakeHttp(Permanent("odd", "a\x00b" * 9000))
    outcome, _ = await run_one("http", {"url": "https://x.test"}, http=http)
    assert outcome.error is not None
    assert outcome.error["message"].startswith("a\ufffdba")
    assert len(outcome.error["message"]) == 4000
