"""Signing in through a provider over real HTTP: what leads in, and that nothing forged, mixed up, repeated or unproved does."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.adapters.http_guarded import GuardedHttpClient
from app.adapters.identity_oidc import OidcProviders
from app.core.ports import ProviderSettings
from app.session import COOKIE
from app.wiring import Wiring
from models.identity import ExternalIdentity
from models.user import User
from tests.api.test_auth import ADA, client_of, is_signed_in, post
from tests.support.fake_oidc import CLIENT_ID, CLIENT_SECRET, FakeOidc


@pytest.fixture
def fake() -> Iterator[FakeOidc]:
    provider = FakeOidc()
    yield provider
    provider.close()


def providers(*fakes: FakeOidc, allows: bool = True) -> OidcProviders:
    ports = tuple(one.port for one in fakes)
    known = [ProviderSettings(f"oidc{n or ''}", "Fake", one.issuer, CLIENT_ID, CLIENT_SECRET) for n, one in enumerate(fakes)]
    return OidcProviders(known, open_http=lambda: GuardedHttpClient(allow_private_network=allows, extra_ports=ports))


@pytest.fixture
def there(wiring: Wiring, fake: FakeOidc) -> Wiring:
    return replace(wiring, identities=providers(fake))


@pytest.fixture
def client(there: Wiring) -> Iterator[TestClient]:
    with client_of(there) as opened:
        yield opened


def begin(client: TestClient, provider: str = "oidc", **body: Any) -> str:
    answer = client.post(f"/api/v1/auth/external/{provider}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["next"]


def come_back(client: TestClient, provider: str = "oidc", **asked: str) -> str:
    answer = client.get(f"/api/v1/auth/external/{provider}/callback", params=asked, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def go(client: TestClient, fake: FakeOidc, **body: Any) -> str:
    return come_back(client, **fake.consent(begin(client, **body)))


def people(wiring: Wiring) -> list[User]:
    with wiring.unit(write=False) as uow:
        found = list(uow.session.exec(select(User)))
        uow.session.expunge_all()
        return found


def verify(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.session.exec(select(User)).one().email_verified_at = uow.ports.clock.now()


def test_a_new_person_gets_an_account_and_the_wanted_page(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    assert go(client, fake, next="/runs") == "/runs"
    (user,) = people(there)
    assert (user.email, user.name, user.password_hash, user.email_verified_at is not None) == (
        "ada@example.com",
        "Ada Elsewhere",
        None,
        True,
    )
    assert is_signed_in(there, client.cookies[COOKIE])


def test_the_same_subject_is_the_same_person_whatever_the_address(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    go(client, fake)
    fake.email, fake.verified = "other@example.com", False
    assert go(client, fake) == "/"
    assert len(people(there)) == 1


def test_an_address_that_both_sides_proved_links_by_itself(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    post(client, "sign-up", **ADA)
    verify(there)
    assert go(client, fake) == "/"
    assert len(people(there)) == 1


@pytest.mark.parametrize(("theirs", "ours"), [(False, True), (True, False), (False, False)])
def test_an_address_that_one_side_has_not_proved_opens_nothing(
    client: TestClient, there: Wiring, fake: FakeOidc, theirs: bool, ours: bool
) -> None:
    post(client, "sign-up", **ADA)
    if ours:
        verify(there)
    client.cookies.clear()
    fake.verified = theirs
    assert go(client, fake) == "/sign-in?failed=address_in_use"
    assert COOKIE not in client.cookies
    with there.unit(write=False) as uow:
        assert uow.session.exec(select(ExternalIdentity)).first() is None


def test_who_is_signed_in_links_and_signs_in_by_it_afterwards(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    post(client, "sign-up", **ADA)
    fake.email, fake.verified = "elsewhere@example.com", False
    assert go(client, fake, links="1") == "/settings/security?linked=1"
    client.cookies.clear()
    assert go(client, fake) == "/"
    assert len(people(there)) == 1


def test_a_visitor_cannot_begin_to_link(client: TestClient) -> None:
    assert client.post("/api/v1/auth/external/oidc", json={"links": "1"}).status_code == 401


LIES: dict[str, Any] = {
    "issuer": lambda claims: claims.update(iss="https://evil.example"),
    "audience": lambda claims: claims.update(aud="somebody-else"),
    "several audiences without azp": lambda claims: claims.update(aud=[CLIENT_ID, "x"]),
    "azp": lambda claims: claims.update(azp="somebody-else"),
    "nonce": lambda claims: claims.update(nonce="of another sign-in"),
    "no nonce": lambda claims: claims.pop("nonce"),
    "expired": lambda claims: claims.update(exp=int(time.time()) - 3600),
    "never expires": lambda claims: claims.pop("exp"),
    "no subject": lambda claims: claims.pop("sub"),
    "empty subject": lambda claims: claims.update(sub=""),
    "subject of another type": lambda claims: claims.update(sub=["subject-1"]),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_says_anything_wrong_opens_nothing(client: TestClient, there: Wiring, fake: FakeOidc, lie: str) -> None:
    fake.change = LIES[lie]
    assert go(client, fake) == "/sign-in?failed=external_refused"
    assert people(there) == []


@pytest.mark.parametrize("signing", ["sign_none", "sign_with_public_key", "sign_with_own_key"])
def test_a_token_that_is_not_signed_by_the_providers_key_opens_nothing(
    client: TestClient, there: Wiring, fake: FakeOidc, signing: str
) -> None:
    fake.sign = getattr(fake, signing)
    assert go(client, fake) == "/sign-in?failed=external_refused"
    assert people(there) == []


def test_a_state_is_good_once_in_its_browser_for_its_provider_and_its_time(
    client: TestClient, there: Wiring, fake: FakeOidc, clock: Any
) -> None:
    refused = "/sign-in?failed=external_refused"
    back = fake.consent(begin(client))
    with client_of(there) as stranger:
        assert come_back(stranger, **back) == refused
        begin(stranger)
        assert come_back(stranger, **back) == refused
    assert come_back(client, **back | {"state": ""}) == refused
    assert come_back(client, **back | {"state": "x" * 43}) == refused
    again = fake.consent(begin(client))
    assert come_back(client, **again) == "/"
    assert come_back(client, **again) == refused
    late = fake.consent(begin(client))
    clock.advance(seconds=601)
    assert come_back(client, **late) == refused


def test_a_code_of_another_sign_in_is_worthless(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    with client_of(there) as victim:
        stolen = fake.consent(begin(victim))["code"]
    mine = fake.consent(begin(client))
    assert come_back(client, **mine | {"code": stolen}) == "/sign-in?failed=external_refused"
    assert people(there) == []


def test_the_answers_of_two_providers_cannot_be_mixed_up(wiring: Wiring, fake: FakeOidc) -> None:
    other = FakeOidc()
    both = replace(wiring, identities=providers(fake, other))
    refused = "/sign-in?failed=external_refused"
    with client_of(both) as client:
        back = fake.consent(begin(client, "oidc"))
        assert come_back(client, "oidc1", **back) == refused
        back = fake.consent(begin(client, "oidc"))
        assert come_back(client, "oidc", **back | {"iss": other.issuer}) == refused
    other.close()
    assert people(wiring) == []


def test_a_discovery_document_of_another_issuer_is_not_believed(client: TestClient, fake: FakeOidc) -> None:
    fake.issuer_says = "https://evil.example"
    assert client.post("/api/v1/auth/external/oidc", json={}).status_code == 401


def test_the_providers_address_is_called_through_the_guarded_client(wiring: Wiring, fake: FakeOidc) -> None:
    guarded = replace(wiring, identities=providers(fake, allows=False))
    with client_of(guarded) as client:
        assert client.post("/api/v1/auth/external/oidc", json={}).status_code == 503
    assert fake.requests == []


def test_a_provider_that_is_not_configured_does_not_exist(client: TestClient) -> None:
    assert client.post("/api/v1/auth/external/evil", json={}).status_code == 401
    assert come_back(client, "evil", code="x", state="y") == "/sign-in?failed=external_refused"


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)"])
def test_a_crafted_destination_leads_home(client: TestClient, fake: FakeOidc, wanted: str) -> None:
    assert go(client, fake, next=wanted) == "/"
