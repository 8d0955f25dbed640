"""Deleting workspaces and accounts over HTTP: the password is asked again, attempts are counted, keys are refused."""

import base64

import pytest
from fastapi.testclient import TestClient

from app.services.accounts import totp
from app.wiring import Wiring
from tests.support.api import caller, data_of, person, refusal_of, visitor
from tests.support.clock import FrozenClock

ADA = {"name": "Ada Lovelace", "email": "ada@example.com", "password": "engine of analysis 9"}
SPACES = "/api/v1/workspaces"
NAME = "Ada's workspace"
GOOD = {"name": NAME, "password": ADA["password"]}


def enter(client: TestClient, pair: dict[str, str]) -> TestClient:
    client.headers["Authorization"] = f"Bearer {pair['access_token']}"
    return client


@pytest.fixture
def ada(wiring: Wiring) -> TestClient:
    client = visitor(wiring)
    return enter(client, data_of(client.post("/api/v1/auth/register", json=ADA)))


def names(client: TestClient) -> list[str]:
    return [one["name"] for one in data_of(client.get(SPACES))["items"]]


def test_the_password_and_the_name_delete_it_and_the_sign_in_goes_on_elsewhere(ada: TestClient) -> None:
    first = data_of(ada.get("/api/v1/users/me"))["workspace_id"]
    told = data_of(ada.get(f"{SPACES}/current/deletion"))
    assert (told["name"], told["needs_password"], told["needs_code"], told["obstacles"]) == (NAME, True, False, [])
    closed = data_of(ada.post(f"{SPACES}/{first}/delete", json=GOOD))
    assert closed["next"] == "/settings"
    assert data_of(ada.get("/api/v1/users/me"))["workspace_id"] != first
    gone = data_of(ada.get(f"{SPACES}/deleted"))["items"]
    assert [(one["id"], one["can_restore"]) for one in gone] == [(first, True)]
    assert data_of(ada.post(f"{SPACES}/{first}/restore"))["id"] == first
    assert data_of(ada.get("/api/v1/users/me"))["workspace_id"] == first
    assert data_of(ada.get(f"{SPACES}/deleted"))["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [({**GOOD, "password": "another one 77"}, "password"), ({**GOOD, "password": ""}, "password"), ({**GOOD, "name": "x"}, "name")],
)
def test_a_wrong_password_or_name_deletes_nothing(ada: TestClient, body: dict[str, str], field: str) -> None:
    answer = ada.post(f"{SPACES}/current/delete", json=body)
    assert (answer.status_code, set(answer.json()["field_errors"])) == (422, {field})
    assert names(ada) == [NAME]


def test_attempts_are_counted(ada: TestClient) -> None:
    wrong = {**GOOD, "password": "another one 77"}
    answers = [ada.post(f"{SPACES}/current/delete", json=wrong).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert ada.post(f"{SPACES}/current/delete", json=GOOD).status_code == 429


def test_with_an_authenticator_app_its_code_is_asked_for(ada: TestClient, clock: FrozenClock) -> None:
    secret = data_of(ada.post("/api/v1/users/me/totp"))["secret"]

    def code() -> str:
        clock.advance(seconds=30)
        return totp.code_at(base64.b32decode(secret), int(clock.now().timestamp()) // 30)

    ada.post("/api/v1/users/me/totp/confirm", json={"code": code()})
    assert data_of(ada.get(f"{SPACES}/current/deletion"))["needs_code"] is True
    assert set(ada.post(f"{SPACES}/current/delete", json=GOOD).json()["field_errors"]) == {"code"}
    assert ada.post(f"{SPACES}/current/delete", json={**GOOD, "code": code()}).status_code == 200


def test_a_key_with_every_scope_neither_deletes_nor_restores(wiring: Wiring) -> None:
    client = caller(wiring, person(wiring))
    for method, path in (("get", "current/deletion"), ("post", "current/delete"), ("get", "deleted"), ("post", "x/restore")):
        answer = client.request(method, f"{SPACES}/{path}", json={"name": "x"} if method == "post" else None)
        assert refusal_of(answer) == (403, "person_needed")


def test_another_person_finds_neither_the_workspace_nor_the_deleted_one(wiring: Wiring, ada: TestClient) -> None:
    eve = {"name": "Eve", "email": "eve@example.com", "password": ADA["password"]}
    other = visitor(wiring)
    enter(other, data_of(other.post("/api/v1/auth/register", json=eve)))
    theirs = data_of(ada.get("/api/v1/users/me"))["workspace_id"]
    assert refusal_of(other.post(f"{SPACES}/{theirs}/delete", json=GOOD)) == (404, "not_found")
    assert refusal_of(other.get(f"{SPACES}/{theirs}/deletion")) == (404, "not_found")
    ada.post(f"{SPACES}/{theirs}/delete", json=GOOD)
    assert refusal_of(other.post(f"{SPACES}/{theirs}/restore")) == (404, "not_found")
    assert data_of(other.get(f"{SPACES}/deleted"))["items"] == []


# -- accounts


def test_an_account_goes_for_good_and_its_address_is_free_again(wiring: Wiring, ada: TestClient) -> None:
    told = data_of(ada.get("/api/v1/users/me/deletion"))
    assert (told["email"], told["deletes"], told["needs_password"]) == (ADA["email"], [NAME], True)
    first = data_of(ada.get("/api/v1/users/me"))["user_id"]
    gone = ada.post("/api/v1/users/me/delete", json={"email": ADA["email"], "password": ADA["password"]})
    assert data_of(gone) == {"next": "/sign-in"}
    assert refusal_of(ada.get("/api/v1/users/me"))[0] == 401
    login = {"email": ADA["email"], "password": ADA["password"]}
    assert refusal_of(visitor(wiring).post("/api/v1/auth/login", json=login)) == (401, "sign_in_refused")
    fresh = visitor(wiring)
    enter(fresh, data_of(fresh.post("/api/v1/auth/register", json=ADA)))
    assert data_of(fresh.get("/api/v1/users/me"))["user_id"] != first
    assert data_of(fresh.get(f"{SPACES}/deleted"))["items"] == []


@pytest.mark.parametrize(("field", "value"), [("password", "another one 77"), ("email", "x@example.com")])
def test_a_wrong_password_or_address_deletes_no_account(ada: TestClient, field: str, value: str) -> None:
    good = {"email": ADA["email"], "password": ADA["password"]}
    answer = ada.post("/api/v1/users/me/delete", json={**good, field: value})
    assert (answer.status_code, set(answer.json()["field_errors"])) == (422, {field})
    assert names(ada) == [NAME]


def test_refresh_tokens_end_with_the_account(wiring: Wiring) -> None:
    client = visitor(wiring)
    pair = data_of(client.post("/api/v1/auth/register", json=ADA))
    enter(client, pair).post("/api/v1/users/me/delete", json={"email": ADA["email"], "password": ADA["password"]})
    answer = visitor(wiring).post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert refusal_of(answer) == (401, "refresh_refused")


def test_a_key_neither_deletes_an_account_nor_reads_what_would_go(wiring: Wiring) -> None:
    client = caller(wiring, person(wiring))
    assert refusal_of(client.get("/api/v1/users/me/deletion")) == (403, "person_needed")
    assert refusal_of(client.post("/api/v1/users/me/delete", json={"email": "x"})) == (403, "person_needed")
