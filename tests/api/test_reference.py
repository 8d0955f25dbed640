"""The page that describes the API: complete, true, and without anything from elsewhere."""

import base64
import hashlib
import re
from functools import cache
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient

from app.api.reference_operations import Operation, curl
from app.api.reference_shapes import Shapes
from app.api.server import build_api
from app.core.permissions import Permission
from app.wiring import Wiring
from models.workspace import Role
from tests.support.api import caller, person, visitor

READ_FIRST = {"set_agent_budget", "clear_agent_budget"}  # the agent is looked up by its id before the budget is set by its name


@cache
def _api() -> dict[str, Any]:
    return build_api().openapi()


def _operations() -> list[Operation]:
    paths = _api()["paths"].items()
    return [Operation(method.upper(), path, spec) for path, each in paths if path.startswith("/api/v1/") for method, spec in each.items()]


def _schema(content: dict[str, Any]) -> dict[str, Any]:
    return content.get("content", {}).get("application/json", {}).get("schema", {})


def _sample_fits(schema: dict[str, Any], value: Any) -> None:
    jsonschema.validate(value, {**schema, "components": _api()["components"]})


def test_every_operation_is_on_the_page_and_nothing_is_loaded_from_elsewhere(wiring: Wiring) -> None:
    page = visitor(wiring).get("/docs")
    assert page.status_code == 200
    assert {one.path for one in _operations() if f"<code>{one.path}</code>" not in page.text} == set()
    assert not re.findall(r"(?:src|href)=\"?(?:https?:)?//", page.text)
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}';" in policy


def test_every_link_of_the_page_leads_somewhere(wiring: Wiring) -> None:
    page = visitor(wiring).get("/docs").text
    assert set(re.findall(r"href=[\"']#([^\"']+)", page)) <= set(re.findall(r"id=\"([^\"]+)\"", page))


def test_an_operation_tells_what_it_needs_takes_and_answers(wiring: Wiring) -> None:
    page = visitor(wiring).get("/docs").text
    fold = page[page.index('id="create_agent"') :].partition('id="get_agent"')[0]
    assert "scope <code>edit</code>, role member, admin or owner." in fold
    assert "<code>limits.max_steps</code>" in fold, "what is nested is told, too"
    assert "&quot;name&quot;: &quot;Greeter&quot;" in fold, "a body to copy"
    assert "Answer 201" in fold
    assert "&quot;slug&quot;: " in fold, "what comes back"
    assert fold.count("Create an agent from its definition.") == 1
    login = page[page.index('id="login"') :].partition("</details></div>")[0]
    assert '<code>password</code> <b class="must">required</b>' in login
    assert "Bearer" not in login.partition("Request")[2].partition("</pre>")[0], "who signs in has no key yet"


def test_the_page_tells_what_holds_for_all(wiring: Wiring) -> None:
    page = visitor(wiring).get("/docs").text
    for word in ("next_cursor", "Idempotent-Replayed", "If-Match", "RateLimit-Remaining", "field_errors", "Last-Event-ID", "scope_missing"):
        assert word in page


@pytest.mark.parametrize("one", _operations(), ids=lambda one: one.anchor)
def test_samples_fit_what_is_described(one: Operation) -> None:
    shapes = Shapes(_api())
    body = _schema(one.spec.get("requestBody", {}))
    assert "{...}" not in curl(shapes, one)
    if body:
        _sample_fits(body, shapes.sample(body, is_sparse=True))
    for status, answer in one.spec["responses"].items():
        if status[0] == "2" and _schema(answer):
            _sample_fits(_schema(answer), shapes.sample(_schema(answer)))


def _call(client: TestClient, one: Operation) -> Any:
    shapes = Shapes(_api())
    held = {item["name"]: shapes.sample(item["schema"], name="id") for item in one.spec.get("parameters", ())}
    path = re.sub(r"\{(\w+)\}", lambda found: str(held[found[1]]), one.path)
    asked = {
        item["name"]: shapes.sample(item["schema"], name=item["name"])
        for item in one.spec.get("parameters", ())
        if item["in"] == "query" and item.get("required")
    }
    body = _schema(one.spec.get("requestBody", {}))
    sent = {"json": shapes.sample(body, is_sparse=True)} if body else {}
    return client.request(one.method, path, params=asked, headers={"If-Match": '"1"'}, **sent)


@pytest.mark.parametrize("scope", [each.value for each in Permission])
def test_a_key_without_the_scope_that_is_told_is_refused(wiring: Wiring, scope: str) -> None:
    others = [each.value for each in Permission if each.value != scope]
    client = caller(wiring, person(wiring, Role.OWNER), *others)
    told = [one for one in _operations() if one.spec["x-needs"]["scope"] == scope and one.anchor not in READ_FIRST]
    assert told
    wrong = {}
    for one in told:
        answer = _call(client, one)
        if answer.json()["error_code"] != "scope_missing" or f"'{scope}'" not in answer.json()["detail"]:
            wrong[one.anchor] = answer.text[:200]
    assert wrong == {}


def test_what_is_told_to_be_a_persons_is_refused_to_keys_and_the_rest_is_not(wiring: Wiring) -> None:
    client = caller(wiring, person(wiring, Role.OWNER), *[each.value for each in Permission])
    wrong = {}
    for one in _operations():
        who = one.spec["x-needs"]["who"]
        if who == "person" or (who == "member" and not one.spec["x-needs"]["scope"]):
            code = _call(client, one).json().get("error_code")
            if (code == "person_needed") != (who == "person"):
                wrong[one.anchor] = (who, code)
    assert wrong == {}
