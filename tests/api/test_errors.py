"""API errors: one shape, plain words, the right status, and nothing of the inside."""

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field

from app.api.server import build_api
from app.core.errors import Invalid, NotFound


class Body(BaseModel):
    name: str = Field(min_length=3)


@pytest.fixture
def client() -> TestClient:
    router = APIRouter()

    @router.get("/probe/{kind}")
    async def probe(kind: str) -> None:
        errors = {
            "absent": NotFound("This run"),
            "invalid": Invalid("Look again.", fields={"name": "is taken"}),
            "bug": ZeroDivisionError("secret-detail"),
        }
        raise errors[kind]

    @router.post("/probe")
    async def take(body: Body) -> str:
        return body.name

    api = build_api()
    api.include_router(router)
    return TestClient(api, raise_server_exceptions=False)


def test_a_refusal_keeps_its_status_code_and_words(client: TestClient) -> None:
    answer = client.get("/probe/absent")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "not_found")
    assert "This run does not exist" in answer.json()["detail"]


def test_field_problems_name_the_field(client: TestClient) -> None:
    assert client.get("/probe/invalid").json()["field_errors"] == {"name": "is taken"}
    answer = client.post("/probe", json={"name": "x"})
    assert (answer.status_code, list(answer.json()["field_errors"])) == (422, ["name"])


def test_a_bug_tells_nothing_of_the_inside(client: TestClient) -> None:
    answer = client.get("/probe/bug")
    assert answer.status_code == 500
    assert "secret-detail" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_api_path_is_a_json_404(client: TestClient, method: str) -> None:
    answer = client.request(method, "/api/v1/nothing")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "not_found")


def test_malformed_json_is_a_clear_422(client: TestClient) -> None:
    answer = client.post("/probe", content=b"{nope", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error_code"]) == (422, "invalid")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"name": "Ada",\n  "x" 1}', "at line 2, column 7"),
        (b"", "body"),
        (b'{"name": "\xff"}', "byte 11 begins no character"),
        (b'{"name": ' + b"9" * 5000 + b"}", "too many digits"),
    ],
)
def test_a_body_that_cannot_be_read_says_where_and_what_to_send(client: TestClient, body: bytes, told: str) -> None:
    answer = client.post("/probe", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    refused = answer.json()
    assert told in refused["detail"] + str(refused["field_errors"])
    assert list(refused["field_errors"]) == ["body"]
