"""Limits of the API: who is counted, what is told, and bodies that are too large, too deep, or not what they seem."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.adapters.rate_limits import SlidingRateLimiter
from app.api.limits import is_deeper
from app.wiring import Wiring
from tests.api.test_auth import ADA, client_of

ME = "/api/v1/users/me"


@pytest.fixture
def away(wiring: Wiring) -> Wiring:
    """Redis does not answer; each test counts from nothing."""
    return replace(wiring, ports=replace(wiring.ports, limiter=SlidingRateLimiter("redis://127.0.0.1:1/0", now=lambda: 1_800_000_010.0)))


def registered(client: TestClient, **other: str) -> dict[str, str]:
    answer = client.post("/api/v1/auth/register", json=ADA | other)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['data']['access_token']}"}


@pytest.fixture
def limited(away: Wiring) -> Iterator[Any]:
    opened: list[TestClient] = []

    def open_with(**settings: int) -> TestClient:
        opened.append(client_of(away, **settings))
        return opened[-1]

    yield open_with
    for client in opened:
        client.close()


def test_an_address_is_counted_and_told_what_is_left_also_without_a_key(limited: Any) -> None:
    client = limited(api_per_address=2)
    answers = [client.get(ME) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[0].headers["RateLimit-Limit"] == "2"
    assert answers[2].headers["Retry-After"] == answers[2].headers["RateLimit-Reset"] == "50"
    assert answers[2].json()["error_code"] == "limit_reached"
    assert "Retry-After" not in answers[0].headers


def test_a_person_is_counted_apart_from_others(limited: Any) -> None:
    client = limited(api_per_account=2)
    ada, grace = registered(client), registered(client, email="grace@example.com")
    assert [client.get(ME, headers=ada).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(ME, headers=grace).status_code == 200


def test_a_key_and_a_workspace_have_limits_of_their_own(limited: Any) -> None:
    client = limited(api_per_key=1, api_per_workspace=3)
    ada = registered(client)
    made = client.post("/api/v1/keys", headers=ada, json={"name": "CI", "scopes": ["view"], "expires_in_days": 30})
    assert made.status_code == 201, made.text
    key = {"X-API-Key": made.json()["data"]["secret"]}
    first, second = client.get(ME, headers=key), client.get(ME, headers=key)
    assert (first.status_code, first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == (200, "1", "0")
    assert second.status_code == 429
    assert [client.get(ME, headers=ada).status_code for _ in range(2)] == [200, 429]


def test_without_a_limit_nothing_is_told(limited: Any) -> None:
    assert "RateLimit-Limit" not in limited(api_per_address=0).get(ME).headers


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_refused_also_when_it_does_not_say_so(limited: Any, announced: bool) -> None:
    client = limited(api_max_body_kb=64)
    body = b"x" * (64 * 1024 + 1)
    answer = client.post("/api/v1/auth/login", content=body if announced else iter([body[:1000], body[1000:]]))
    assert (answer.status_code, answer.json()["error_code"]) == (413, "too_large")


def test_a_body_that_is_nested_too_deep_is_refused_before_it_is_parsed(limited: Any) -> None:
    client = limited(api_max_depth=50)
    json = {"Content-Type": "application/json"}
    answer = client.post("/api/v1/auth/login", content=b"[" * 200_000, headers=json)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "too_deep")
    assert client.post("/api/v1/auth/login", content=b'{"email": "' + b"[" * 60 + b'", "password": "x"}', headers=json).status_code == 401


@pytest.mark.parametrize(
    ("body", "is_deep"),
    [
        (b"[[[]]]", False),
        (b"[[[[]]]]", True),
        (b"[][][][][]", False),
        (b'["[[[[["]', False),
        (b'["\\"[[[[["]', False),
        (b'["\\\\", [[[]]]]', True),
        (b'{"a": {"b": [1, {"c": 2}]}}', True),
        (b'"[[[[[', False),
        (b"\xff\xfe[[[[", True),
        (b"", False),
    ],
)
def test_depth_counts_brackets_outside_of_strings(body: bytes, is_deep: bool) -> None:
    assert is_deeper(body, 3) is is_deep


def test_counting_goes_on_in_the_process_while_redis_is_away() -> None:
    limiter = SlidingRateLimiter("redis://127.0.0.1:1/0", now=lambda: 0.0)
    assert [limiter.count({"x": 2}, window_s=60)[0].used for _ in range(3)] == [1, 2, 3]
    assert limiter.count({"y": 2}, window_s=60)[0].remaining == 1
