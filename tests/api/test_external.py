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
from app.core.errors import Conflict
from app.core.ports import ProviderSettings
from app.services.accounts import list_identities, resolve_actor, unlink_external
from app.services.accounts.tickets import make_ticket
from app.session import COOKIE
from app.wiring import Wiring
from models.account import TicketPurpose
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
    known.append(ProviderSettings("github", "GitHub", fakes[0].issuer, CLIENT_ID, CLIENT_SECRET, is_github=True))
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


def test_who_comes_back_without_agreeing_is_told_so(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    state = fake.consent(begin(client))["state"]
    assert come_back(client, state=state, error="access_denied") == "/sign-in?failed=external_cancelled"
    state = fake.consent(begin(client))["state"]
    assert come_back(client, state=state, error="server_error") == "/sign-in?failed=external_refused"
    assert people(there) == []


def test_an_identity_of_somebody_elses_account_cannot_be_linked_and_the_settings_say_so(
    client: TestClient, there: Wiring, fake: FakeOidc
) -> None:
    go(client, fake)
    with client_of(there) as other:
        post(other, "sign-up", **ADA | {"email": "grace@example.com"})
        assert go(other, fake, links="1") == "/settings/security?failed=opens_another"


def test_an_account_with_an_authenticator_app_still_asks_for_its_code(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    go(client, fake)
    client.cookies.clear()
    with there.unit() as uow:
        uow.session.exec(select(User)).one().totp_since = uow.ports.clock.now()
    assert go(client, fake, next="/runs") == "/sign-in/code?next=/runs"
    assert COOKIE not in client.cookies


def test_whoever_proves_a_mailbox_later_shuts_out_who_opened_its_account_before(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    fake.verified = False
    go(client, fake)
    with there.unit() as uow:
        token = make_ticket(uow, uow.session.exec(select(User)).one(), TicketPurpose.RESET_PASSWORD)
    with client_of(there) as owner:
        assert post(owner, "reset-password", token=token, password="engine of analysis 9").status_code == 200
    assert go(client, fake) == "/sign-in?failed=address_in_use"
    with there.unit(write=False) as uow:
        assert uow.session.exec(select(ExternalIdentity)).first() is None


def test_the_last_way_in_stays(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    go(client, fake)
    with there.unit() as uow:
        uow.actor = resolve_actor(uow, token=client.cookies[COOKIE])
        (card,) = list_identities(uow)
        with pytest.raises(Conflict, match="only way in"):
            unlink_external(uow, identity_id=card.id)
        uow.session.exec(select(User)).one().password_hash = "set"
        uow.session.flush()
        unlink_external(uow, identity_id=card.id)
        uow.session.flush()
        assert list_identities(uow) == ()


def test_a_provider_that_tells_the_address_only_when_asked_is_asked(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    fake.change = lambda claims: [claims.pop(name) for name in ("email", "email_verified", "name")]
    fake.profile = {"sub": fake.subject, "email": "ada@example.com", "email_verified": True, "name": "Ada Asked", "groups": ["x"]}
    assert go(client, fake) == "/"
    (user,) = people(there)
    assert (user.name, user.email_verified_at is not None) == ("Ada Asked", True)


def test_the_profile_of_another_person_is_not_believed(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    fake.change = lambda claims: claims.pop("email")
    fake.profile = {"sub": "subject-2", "email": "ada@example.com", "email_verified": True}
    assert go(client, fake) == "/sign-in?failed=external_refused"
    assert people(there) == []


@pytest.mark.parametrize("methods", [["client_secret_basic"], None])
def test_a_provider_that_wants_the_secret_in_the_header_gets_it_there(client: TestClient, fake: FakeOidc, methods: Any) -> None:
    fake.document = {"token_endpoint_auth_methods_supported": methods}
    assert go(client, fake) == "/"


def test_a_provider_that_promises_to_say_its_name_must_say_it(client: TestClient, fake: FakeOidc) -> None:
    fake.document |= {"authorization_response_iss_parameter_supported": True}
    assert come_back(client, **fake.consent(begin(client)) | {"iss": ""}) == "/sign-in?failed=external_refused"
    assert go(client, fake) == "/"


def test_signing_in_with_github_goes_by_its_number_and_its_primary_address(client: TestClient, there: Wiring, fake: FakeOidc) -> None:
    fake.profile = {"id": 4711, "login": "ada", "name": None}
    fake.addresses = [
        {"email": "old@example.com", "primary": False, "verified": True},
        {"email": "ada@example.com", "primary": True, "verified": True},
    ]
    address = begin(client, "github")
    assert address.startswith(f"{fake.issuer}/login/oauth/authorize?")
    back = fake.consent(address)
    assert come_back(client, "github", code=back["code"], state=back["state"]) == "/"
    (user,) = people(there)
    assert (user.email, user.name, user.email_verified_at is not None) == ("ada@example.com", "ada", True)
    with there.unit(write=False) as uow:
        assert uow.session.exec(select(ExternalIdentity.subject)).all() == ["4711"]


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
    "issued in the future": lambda claims: claims.update(iat=int(time.time()) + 3600),
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
    late = fake.consent(begin(client))
    clock.advance(seconds=601)
    assert come_back(client, **late) == refused
    again = fake.consent(begin(client))
    assert come_back(client, **again) == "/"
    assert come_back(client, **again) == "/settings/security?failed=external_refused"


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
