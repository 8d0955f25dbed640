"""API keys over HTTP: shown once, scoped, expiring, revocable, and never stronger than their person is now."""

import pytest
from sqlmodel import col, select, update

from app.wiring import Wiring
from models.api_access import ApiKey
from models.user import User
from models.workspace import Membership, Role
from tests.support.api import caller, data_of, key_of, person, refusal_of, visitor
from tests.support.clock import FrozenClock

AGENT = {"name": "Triage", "instructions": "Sort it."}


def signed_in(wiring: Wiring):
    """A person signed in by password, from a program."""
    client = visitor(wiring)
    body = {"name": "Ada", "email": "ada@example.com", "password": "engine of analysis 9"}
    tokens = data_of(client.post("/api/v1/auth/register", json=body))
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return client


def test_a_key_is_shown_once_and_works(wiring: Wiring) -> None:
    client = signed_in(wiring)
    made = data_of(client.post("/api/v1/keys", json={"name": "CI", "scopes": ["view", "edit"]}))
    assert made["secret"].startswith(made["prefix"] + "_")
    listed = data_of(client.get("/api/v1/keys"))
    assert made["secret"] not in str(listed)
    with wiring.unit(write=False) as uow:
        assert made["secret"] not in str(uow.session.exec(select(ApiKey)).all())
    program = visitor(wiring, Authorization=f"Bearer {made['secret']}")
    assert data_of(program.post("/api/v1/agents", json=AGENT))["name"] == "Triage"


def test_its_last_use_is_told(wiring: Wiring, clock: FrozenClock) -> None:
    client = signed_in(wiring)
    secret = data_of(client.post("/api/v1/keys", json={"name": "CI", "scopes": ["view"]}))["secret"]
    assert data_of(client.get("/api/v1/keys"))["items"][0]["last_used_at"] is None
    data_of(visitor(wiring, Authorization=f"Bearer {secret}").get("/api/v1/agents"))
    row = data_of(client.get("/api/v1/keys"))["items"][0]
    assert (row["last_used_at"][:19], row["last_address"]) == (clock.now().isoformat()[:19], "testclient")


@pytest.mark.parametrize(
    "header",
    [{"Authorization": "Bearer {key}"}, {"authorization": "bearer {key}"}, {"X-API-Key": "{key}"}, {"x-api-key": " {key} "}],
    ids=str,
)
def test_a_key_may_come_in_either_header_and_is_checked_alike(wiring: Wiring, header: dict[str, str]) -> None:
    key = key_of(wiring, person(wiring), "view")
    client = visitor(wiring, **{name: text.format(key=key) for name, text in header.items()})
    data_of(client.get("/api/v1/agents"))
    assert refusal_of(client.post("/api/v1/agents", json=AGENT)) == (403, "scope_missing")


def test_a_key_in_the_query_or_in_a_cookie_is_none(wiring: Wiring) -> None:
    key = key_of(wiring, person(wiring))
    client = visitor(wiring)
    for query in ("api_key", "key", "token", "access_token", "X-API-Key", "authorization"):
        assert refusal_of(client.get("/api/v1/agents", params={query: key})) == (401, "not_signed_in")
    client.cookies["af_session"] = key
    assert refusal_of(client.get("/api/v1/agents")) == (401, "not_signed_in")


def test_two_keys_in_one_request_are_refused(wiring: Wiring) -> None:
    strong, weak = (key_of(wiring, person(wiring), *scopes) for scopes in (("view", "edit"), ("view",)))
    client = visitor(wiring, Authorization=f"Bearer {weak}")
    assert refusal_of(client.get("/api/v1/agents", headers={"X-API-Key": strong})) == (400, "ambiguous_credentials")
    twice = [("Authorization", f"Bearer {strong}"), ("Authorization", f"Bearer {weak}")]
    assert refusal_of(visitor(wiring).get("/api/v1/agents", headers=twice)) == (400, "ambiguous_credentials")


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  ", "", "Token {key}", "{key}", "Bearer {key}x", "Bearer af_\u00e9"])
def test_what_is_no_key_is_refused_with_the_same_words(wiring: Wiring, header: str) -> None:
    text = header.format(key=key_of(wiring, person(wiring)))
    answer = visitor(wiring).get("/api/v1/agents", headers=[(b"Authorization", text.encode())])
    assert refusal_of(answer) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["detail"] == visitor(wiring).get("/api/v1/agents").json()["detail"]


def test_scopes_end_where_the_role_ends(wiring: Wiring) -> None:
    actor = person(wiring)
    client = caller(wiring, actor, "view", "edit")
    agent = data_of(client.post("/api/v1/agents", json=AGENT))
    with wiring.unit() as uow:
        uow.session.connection().execute(update(Membership).where(col(Membership.user_id) == actor.user_id).values(role=Role.VIEWER))
    assert refusal_of(client.delete(f"/api/v1/agents/{agent['id']}")) == (403, "not_allowed")
    data_of(client.get(f"/api/v1/agents/{agent['id']}"))


@pytest.mark.parametrize("end", ["revoked", "expired", "removed", "disabled"])
def test_a_key_dies_with_its_reason(wiring: Wiring, clock: FrozenClock, end: str) -> None:
    actor = person(wiring)
    client = caller(wiring, actor, "view")
    data_of(client.get("/api/v1/agents"))
    with wiring.unit() as uow:
        connection = uow.session.connection()
        if end == "revoked":
            connection.execute(update(ApiKey).values(revoked_at=clock.now()))
        elif end == "removed":
            member = uow.session.exec(select(Membership).where(Membership.user_id == actor.user_id)).one()
            uow.session.delete(member)
        elif end == "disabled":
            connection.execute(update(User).values(disabled_at=clock.now()))
    if end == "expired":
        clock.advance(days=90)
    assert refusal_of(client.get("/api/v1/agents")) == (401, "not_signed_in")


def test_a_key_manages_no_keys_and_ends_no_sessions(wiring: Wiring) -> None:
    client = caller(wiring, person(wiring, Role.OWNER))
    assert refusal_of(client.get("/api/v1/keys")) == (403, "person_needed")
    assert refusal_of(client.post("/api/v1/keys", json={"name": "More", "scopes": ["manage_workspace"]})) == (403, "person_needed")
    assert refusal_of(client.post("/api/v1/auth/logout")) == (403, "person_needed")


def test_every_wrong_field_is_told_at_once(wiring: Wiring) -> None:
    client = signed_in(wiring)
    answer = client.post("/api/v1/keys", json={"name": " ", "scopes": ["fly"]})
    assert (answer.status_code, set(answer.json()["field_errors"])) == (422, {"name", "scopes"})
    answer = client.post("/api/v1/keys", json={"name": "x", "scopes": ["view"], "expires_in_days": 0, "role": "owner"})
    assert (answer.status_code, set(answer.json()["field_errors"])) == (422, {"expires_in_days", "role"})


def test_a_viewer_gives_no_more_than_looking(wiring: Wiring) -> None:
    actor = person(wiring, Role.VIEWER)
    with pytest.raises(Exception, match="does not allow edit"):
        key_of(wiring, actor, "edit")
    data_of(caller(wiring, actor, "view").get("/api/v1/agents"))


def test_a_colleagues_key_is_not_found_but_an_admin_may_end_it(wiring: Wiring) -> None:
    client = signed_in(wiring)
    made = data_of(client.post("/api/v1/keys", json={"name": "CI", "scopes": ["view"]}))
    stranger = visitor(wiring)
    body = {"name": "Eve", "email": "eve@example.com", "password": "engine of analysis 9"}
    stranger.headers["Authorization"] = f"Bearer {data_of(stranger.post('/api/v1/auth/register', json=body))['access_token']}"
    assert refusal_of(stranger.delete(f"/api/v1/keys/{made['id']}")) == (404, "not_found")
    assert data_of(client.delete(f"/api/v1/keys/{made['id']}"))["status"] == "revoked"
    assert refusal_of(visitor(wiring, Authorization=f"Bearer {made['secret']}").get("/api/v1/agents")) == (401, "not_signed_in")
