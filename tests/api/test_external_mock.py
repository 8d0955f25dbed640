"""Signing in through a provider that somebody else wrote (oidc-provider-mock), in a process of its own."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.adapters.http_guarded import GuardedHttpClient
from app.adapters.identity_oidc import OidcProviders
from app.core.ports import ProviderSettings
from app.session import COOKIE
from app.wiring import Wiring
from models.user import User
from tests.api.test_auth import client_of, is_signed_in
from tests.support.other_oidc import other_oidc

ADA = {"sub": "4711", "email": "ada@example.com", "email_verified": True, "name": "Ada Elsewhere"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with other_oidc(**ADA) as address:
        yield address


@pytest.fixture
def client(wiring: Wiring, issuer: str) -> Iterator[tuple[TestClient, Wiring]]:
    provider = ProviderSettings("oidc", "Mock", issuer, "agent-factory", "a secret")
    guarded = OidcProviders([provider], open_http=lambda: GuardedHttpClient(allow_private_network=True))
    there = replace(wiring, identities=guarded)
    with client_of(there) as opened:
        yield opened, there


def consent(address: str, **form: str) -> str:
    """Answer the provider's page; returns where it sends the browser back to."""
    answer = httpx.post(address, data=form, trust_env=False)
    assert answer.status_code == 302, re.sub("<[^>]+>", "", answer.text)[:500]
    back = urlsplit(answer.headers["location"])
    assert back.path == "/api/v1/auth/external/oidc/callback"
    return f"{back.path}?{back.query}"


def test_a_person_signs_in_and_comes_back_to_the_same_account(client: tuple[TestClient, Wiring]) -> None:
    browser, there = client
    for _ in range(2):
        address = browser.post("/api/v1/auth/external/oidc", json={"next": "/runs"}).json()["next"]
        answer = browser.get(consent(address, sub="4711"), follow_redirects=False)
        assert answer.headers["location"] == "/runs"
        assert is_signed_in(there, browser.cookies[COOKIE])
        browser.cookies.clear()
    with there.unit(write=False) as uow:
        user = uow.session.exec(select(User)).one()
        assert (user.email, user.name, user.email_verified_at is not None) == ("ada@example.com", "Ada Elsewhere", True)


def test_who_denies_there_is_told_so_here(client: tuple[TestClient, Wiring]) -> None:
    browser, _ = client
    address = browser.post("/api/v1/auth/external/oidc", json={}).json()["next"]
    path = consent(address, action="deny")
    if "state=" not in path:  # this provider leaves it out of a denial, against RFC 6749, section 4.1.2.1
        path += f"&state={dict(parse_qsl(urlsplit(address).query))['state']}"
    assert browser.get(path, follow_redirects=False).headers["location"] == "/sign-in?failed=external_cancelled"
