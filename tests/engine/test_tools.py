"""Built-in tools: exact sums, dates, pages as text, JSON paths, and what each refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import NodeFailed, Permanent
from engine.json import JsonObject
from engine.ports import HttpResponse
from engine.tools.calculator import Calculator, calculate
from engine.tools.date_time import DateTime
from engine.tools.json_query import JsonQuery
from engine.tools.page_text import page_text
from engine.tools.registry import BuiltinTools
from engine.tools.web_fetch import WebFetch
from tests.engine.kit import HandClock
from tests.engine.test_kinds import FakeHttp


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1 + 2 * 3 ^ 2", "19"),
        ("-2 ^ 2", "-4"),
        ("2 ^ 3 ^ 2", "512"),
        ("(1 + 2) * 3 / 4", "2.25"),
        ("10 % 3 + -7 // 2", "-3"),
        ("round(1299 * 0.19, 2)", "246.81"),
        ("max(1, sqrt(16), 3) - min(2)", "2"),
        ("avg(1, 2, 6) + sum(1, 1)", "5"),
        ("12345678901234567890123456789 * 3", "37037036703703703670370370367"),
        ("-12345678901234567890123456789012345", "-12345678901234567890123456789012345"),
        ("1_000 \u00d7 2", "2000"),
        ("1 / 8", "0.125"),
        ("abs(-3.50)", "3.5"),
    ],
)
def test_the_calculator_is_exact(expression: str, result: str) -> None:
    assert calculate(expression) == result


@pytest.mark.parametrize(
    "expression",
    ["", "1 +", "1 / 0", "0 ^ -1", "5 % 0", "9 ** 9 ** 9", "1e9999 * 1e9999", "foo(1)", "2 3", "(" * 500,
     "__import__('os')", "1;2", "sqrt(-1)",
     "round(1, 1e9)", "max()", "ln(0)", "9" * 2000, "-" * 900],
)  # fmt: skip
def test_the_calculator_refuses_with_a_reason(expression: str) -> None:
    with pytest.raises(Permanent) as caught:
        calculate(expression)
    assert caught.value.code == "calculation_error"


@given(st.text(alphabet="0123456789+-*/%^().,eEpi sqrtmaxround_", max_size=60))
def test_the_calculator_never_fails_in_any_other_way(expression: str) -> None:
    try:
        calculate(expression)
    except Permanent as refused:
        assert refused.code == "calculation_error"  # noqa: PT017 - both outcomes are fine


async def test_the_calculator_tool_gives_text_so_that_no_digit_is_lost() -> None:
    assert await Calculator().call({"expression": "2^100"}) == {"expression": "2^100", "result": "1267650600228229401496703205376"}


async def ask_date(**arguments: object) -> JsonObject:
    found = await DateTime(HandClock()).call({**arguments})
    assert isinstance(found, dict)
    return found


async def test_now_in_a_time_zone() -> None:
    found = await ask_date(operation="now", timezone="Europe/Berlin")
    assert (found["iso"], found["weekday"]) == ("2026-03-31T14:00:00+02:00", "Tuesday")


async def test_adding_months_stays_in_the_month_and_hours_respect_summer_time() -> None:
    assert (await ask_date(operation="add", moment="2026-01-31", months=1))["date"] == "2026-02-28"
    found = await ask_date(operation="add", moment="2026-03-28T12:00", days=1, timezone="Europe/Berlin")
    assert found["iso"] == "2026-03-29T12:00:00+02:00"
    found = await ask_date(operation="add", moment="2026-03-28T12:00", hours=24, timezone="Europe/Berlin")
    assert found["iso"] == "2026-03-29T13:00:00+02:00"


async def test_the_difference_of_two_dates() -> None:
    found = await ask_date(operation="difference", moment="2026-03-28", other="2026-12-24")
    assert (found["calendar_days"], found["days"]) == (271, 271.0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"operation": "now", "timezone": "Mars/Base"},
        {"operation": "now", "timezone": "../../etc/passwd"},
        {"operation": "add", "moment": "yesterday"},
        {"operation": "add", "years": 9000},
        {"operation": "add", "days": 10**9},
        {"operation": "difference", "moment": "2026-01-01"},
    ],
)
async def test_wrong_dates_are_refused_in_words(arguments: JsonObject) -> None:
    with pytest.raises(Permanent):
        await ask_date(**arguments)


@pytest.mark.parametrize(("expression", "result"), [("items[?p > `10`].n", ["b"]), ("length(items)", 2), ("nothing.here", None)])
async def test_json_query(expression: str, result: object) -> None:
    data = '{"items": [{"n": "a", "p": 5}, {"n": "b", "p": 15}]}'
    assert await JsonQuery().call({"data": data, "expression": expression}) == {"result": result}


@pytest.mark.parametrize(
    "arguments", [{"data": "{", "expression": "a"}, {"data": {}, "expression": "a["}, {"data": 1, "expression": "sum(@)"}]
)
async def test_json_query_refuses_with_a_reason(arguments: JsonObject) -> None:
    with pytest.raises(Permanent):
        await JsonQuery().call(arguments)


PAGE = """<html><head><title>Price &amp; terms</title><style>p{}</style></head><body><nav>Menu</nav><h1>Plans</h1>
<p>From <b>9</b>&nbsp;euros.<script>steal()</script></p><ul><li>one<li>two</ul><form>login</form></body></html>"""


def test_a_page_becomes_readable_text() -> None:
    assert page_text(PAGE) == ("Price & terms", "# Plans\n\nFrom 9 euros.\n\n- one\n- two")


@given(st.text(alphabet="<>/abscriptnavhtml &;!-\"'= \n", max_size=200))
def test_broken_html_is_read_without_failing(source: str) -> None:
    page_text(source)


def page(body: str, kind: str = "text/html; charset=utf-8", status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": kind}, body.encode(), "https://x.test/final")


async def test_web_fetch_reads_a_page_in_parts() -> None:
    http = FakeHttp(page(PAGE), page("a" * 30_000, "text/plain"), page("a" * 30_000, "text/plain"))
    tool = WebFetch(http)
    first = await tool.call({"url": "https://x.test"})
    assert isinstance(first, dict)
    assert (first["url"], first["title"], first["next_start"]) == ("https://x.test/final", "Price & terms", None)
    long = await tool.call({"url": "https://x.test/long"})
    assert isinstance(long, dict)
    assert (len(long["text"]), long["next_start"]) == (20_000, 20_000)
    rest = await tool.call({"url": "https://x.test/long", "start": 20_000})
    assert isinstance(rest, dict)
    assert (len(rest["text"]), rest["next_start"]) == (10_000, None)


@pytest.mark.parametrize("response", [page("", status=404), page("\x89PNG", "image/png")])
async def test_web_fetch_refuses_what_is_no_text(response: HttpResponse) -> None:
    with pytest.raises(Permanent):
        await WebFetch(FakeHttp(response)).call({"url": "https://x.test"})


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x.test", "javascript:alert(1)", ""])
async def test_web_fetch_takes_web_addresses_only(url: str) -> None:
    with pytest.raises(Permanent):
        await WebFetch(FakeHttp()).call({"url": url})


def test_only_known_tools_are_granted_and_each_once() -> None:
    source = BuiltinTools(FakeHttp(), HandClock())
    assert [tool.schema.name for tool in source.tools(["calculator", "calculator", "json_query"])] == ["calculator", "json_query"]
    with pytest.raises(NodeFailed, match="There is no tool 'shell'"):
        source.tools(["calculator", "shell"])
