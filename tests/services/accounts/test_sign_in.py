"""Sign-up and sign-in: tokens are hashed and rotated, refusals tell nothing, sessions end when they should."""

from dataclasses import replace

import pytest
from sqlmodel import select

from app.core.errors import Invalid, LimitReached
from app.core.first_rows import DEMO_EMAIL
from app.core.ports import PasswordHasher
from app.core.uow import UnitOfWork
from app.services import accounts
from app.services.accounts.identity import email_key
from app.services.accounts.throttle import throttle_sign_in
from app.wiring import Wiring
from models.user import User, UserSession
from models.workspace import Membership, Role, Workspace
from tests.support.clock import FrozenClock

PASSWORD = "engine of analysis 9"


def make_account(uow: UnitOfWork, email: str = "ada@example.com", *, name: str = "Ada Lovelace") -> accounts.Credentials:
    hashed = uow.ports.hasher.hash(PASSWORD)
    user = accounts.create_account(uow, name=name, email=email, password_hash=hashed)
    return accounts.Credentials(user_id=user.id, password_hash=hashed)


def test_a_new_account_owns_a_personal_workspace(uow: UnitOfWork) -> None:
    make_account(uow)
    workspace, membership = uow.session.exec(select(Workspace, Membership).join(Membership)).one()  # type: ignore[arg-type]
    assert (workspace.name, membership.role) == ("Ada's workspace", Role.OWNER)


def test_sign_up_names_every_wrong_field_at_once(uow: UnitOfWork) -> None:
    with pytest.raises(Invalid) as refused:
        accounts.check_sign_up(uow, name=" ", email="nope", password="short")
    assert set(refused.value.fields) == {"name", "email", "password"}


@pytest.mark.parametrize("spelling", ["ada@example.com", "ADA@EXAMPLE.COM", "\uff41da@example.com"])
def test_an_address_has_one_account(uow: UnitOfWork, spelling: str) -> None:
    make_account(uow)
    with pytest.raises(accounts.AddressTaken):
        accounts.check_sign_up(uow, name="Eve", email=spelling, password=PASSWORD)


def test_two_sign_ups_at_once_give_one_account(wiring: Wiring) -> None:
    with wiring.unit() as first:
        make_account(first)
    with pytest.raises(accounts.AddressTaken), wiring.unit() as second:
        accounts.create_account(second, name="Eve", email="Ada@example.com", password_hash="x")


def test_only_the_hash_of_a_token_is_kept(uow: UnitOfWork) -> None:
    opened = accounts.open_session(uow, credentials=make_account(uow))
    row = uow.session.exec(select(UserSession)).one()
    assert row.token_hash == accounts.hash_token(opened.token)
    assert len(opened.token) >= 43  # 256 bits
    assert opened.token not in row.model_dump_json()


def test_signing_in_gives_a_new_token_and_ends_the_one_the_browser_held(uow: UnitOfWork) -> None:
    found = make_account(uow)
    before = accounts.open_session(uow, credentials=found)
    after = accounts.open_session(uow, credentials=found, replaces=before.token)
    assert after.token != before.token
    assert accounts.resolve_actor(uow, token=before.token) is None
    assert accounts.resolve_actor(uow, token=after.token) is not None


def test_a_planted_token_never_becomes_a_session(uow: UnitOfWork) -> None:
    opened = accounts.open_session(uow, credentials=make_account(uow), replaces="planted-by-an-attacker")
    assert opened.token != "planted-by-an-attacker"
    assert accounts.resolve_actor(uow, token="planted-by-an-attacker") is None


def test_the_right_password_fits_and_others_do_not(uow: UnitOfWork) -> None:
    make_account(uow)
    found = accounts.find_credentials(uow, email="ADA@example.com")
    hasher = uow.ports.hasher
    assert accounts.password_fits(hasher, found, PASSWORD)
    for wrong in ("", PASSWORD + " ", "x" * 1_000_000, "a\x00b", "\ud800", PASSWORD.ljust(200)):
        assert not accounts.password_fits(hasher, found, wrong)


class CountingHasher:
    """Counts how often the slow comparison really runs."""

    def __init__(self, real: PasswordHasher) -> None:
        self.real, self.compared = real, []

    def hash(self, password: str) -> str:
        return self.real.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        self.compared.append(hashed[:20])
        return self.real.verify(hashed, password)

    def needs_rehash(self, hashed: str) -> bool:
        return self.real.needs_rehash(hashed)


@pytest.mark.parametrize("address", ["ada@example.com", "nobody@example.com", "disabled@example.com", "", "\x00", "x" * 5000])
def test_every_address_costs_one_comparison_of_the_same_kind(uow: UnitOfWork, address: str) -> None:
    make_account(uow)
    gone = make_account(uow, "disabled@example.com")
    disabled = uow.session.get(User, gone.user_id)
    assert disabled is not None
    disabled.disabled_at = uow.ports.clock.now()
    counting = CountingHasher(uow.ports.hasher)
    found = accounts.find_credentials(uow, email=address)
    assert not accounts.password_fits(counting, found, "not the password")
    assert counting.compared == [gone.password_hash[:20]]  # algorithm and parameters are those of a real account


def test_a_session_slides_while_used_and_ends_when_not(uow: UnitOfWork, clock: FrozenClock) -> None:
    opened = accounts.open_session(uow, credentials=make_account(uow))
    clock.advance(days=13)
    uow.actor = accounts.resolve_actor(uow, token=opened.token)
    accounts.touch_session(uow)
    uow.session.flush()
    clock.advance(days=13)
    assert accounts.resolve_actor(uow, token=opened.token) is not None
    clock.advance(days=1)
    assert accounts.resolve_actor(uow, token=opened.token) is None


def test_sign_out_ends_the_session_for_every_tab(uow: UnitOfWork) -> None:
    opened = accounts.open_session(uow, credentials=make_account(uow))
    accounts.sign_out(uow, token=opened.token)
    accounts.sign_out(uow, token=opened.token)
    accounts.sign_out(uow, token="unknown")
    assert accounts.resolve_actor(uow, token=opened.token) is None


def test_a_disabled_person_loses_every_session_at_once(uow: UnitOfWork) -> None:
    found = make_account(uow)
    opened = accounts.open_session(uow, credentials=found)
    user = uow.session.get(User, found.user_id)
    assert user is not None
    user.disabled_at = uow.ports.clock.now()
    uow.session.flush()
    assert accounts.resolve_actor(uow, token=opened.token) is None
    with pytest.raises(accounts.SignInRefused):
        accounts.open_session(uow, credentials=found)


def test_a_session_is_not_opened_when_the_password_changed_meanwhile(uow: UnitOfWork) -> None:
    found = make_account(uow)
    user = uow.session.get(User, found.user_id)
    assert user is not None
    user.password_hash = uow.ports.hasher.hash("another password 7")
    uow.session.flush()
    with pytest.raises(accounts.SignInRefused):
        accounts.open_session(uow, credentials=found)


def test_a_changed_role_counts_with_the_next_call(uow: UnitOfWork) -> None:
    opened = accounts.open_session(uow, credentials=make_account(uow))
    membership = uow.session.exec(select(Membership)).one()
    membership.role = Role.VIEWER
    uow.session.flush()
    actor = accounts.resolve_actor(uow, token=opened.token)
    assert actor is not None
    assert actor.role is Role.VIEWER


def test_the_demo_account_exists_only_where_it_is_allowed(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        accounts.create_account(uow, name="Demo", email=DEMO_EMAIL, password_hash="", is_demo=True)
        opened = accounts.open_session(uow, credentials=accounts.find_demo_account(uow))
        assert accounts.has_demo_account(uow)
        uow.ports = replace(uow.ports, demo_account_allowed=False)
        assert not accounts.has_demo_account(uow)
        assert accounts.resolve_actor(uow, token=opened.token) is None
        with pytest.raises(accounts.SignInRefused):
            accounts.find_demo_account(uow)


def test_the_demo_account_has_no_password_to_guess(uow: UnitOfWork) -> None:
    accounts.create_account(uow, name="Demo", email=DEMO_EMAIL, password_hash="", is_demo=True)
    assert accounts.find_credentials(uow, email=DEMO_EMAIL).user_id is None


@pytest.mark.parametrize("address", ["ada@example.com", "nobody@example.com"])
def test_guessing_is_slowed_down_alike_for_known_and_unknown_addresses(uow: UnitOfWork, address: str) -> None:
    make_account(uow)
    limiter = uow.ports.limiter
    for _ in range(10):
        throttle_sign_in(limiter, email=address, network="192.0.2.1")
    with pytest.raises(LimitReached, match="Too many attempts"):
        throttle_sign_in(limiter, email=address.upper(), network="192.0.2.1")
    throttle_sign_in(limiter, email=address, network="192.0.2.2")  # the owner elsewhere is not locked out


def test_email_keys_are_unique_in_sql(uow: UnitOfWork) -> None:
    make_account(uow)
    assert uow.session.exec(select(User.email_key)).all() == [email_key("ada@example.com")]
