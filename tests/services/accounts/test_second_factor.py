"""Setting the authenticator app up and taking it off; addresses verified; what the shared demo account must not do."""

import pytest

from app.core.errors import Conflict, NotSignedIn
from app.core.uow import UnitOfWork
from app.services import accounts
from app.services.accounts import totp
from app.services.accounts.second_factor import WrongCode, take_either
from models.user import User
from tests.services.accounts.test_sessions import sign_in
from tests.services.accounts.test_sign_in import make_account
from tests.support.clock import FrozenClock
from tests.support.inviting import last_letter, letters_to, token_in


def me(uow: UnitOfWork) -> User:
    assert uow.actor is not None
    return uow.session.get_one(User, uow.actor.user_id)


def secret_of(uow: UnitOfWork) -> bytes:
    return uow.ports.box.open(me(uow).totp_sealed or "", context=f"totp:{me(uow).id}")


def code(uow: UnitOfWork) -> str:
    return totp.code_at(secret_of(uow), int(uow.ports.clock.now().timestamp()) // 30)


def set_up(uow: UnitOfWork) -> tuple[str, ...]:
    sign_in(uow, make_account(uow))
    accounts.begin_totp(uow)
    return accounts.enable_totp(uow, code=code(uow))


def test_an_app_counts_only_after_its_first_code(uow: UnitOfWork) -> None:
    sign_in(uow, make_account(uow))
    setup = accounts.begin_totp(uow)
    assert setup.secret in setup.uri
    assert not accounts.get_account(uow).has_totp
    with pytest.raises(accounts.WrongCode):
        accounts.enable_totp(uow, code="000000")
    assert not accounts.get_account(uow).has_totp
    codes = accounts.enable_totp(uow, code=code(uow))
    assert (len(set(codes)), accounts.count_recovery_codes(uow), accounts.get_account(uow).has_totp) == (10, 10, True)
    assert "two-factor sign-in of" in last_letter(uow, me(uow).email)


def test_the_secret_is_sealed(uow: UnitOfWork) -> None:
    sign_in(uow, make_account(uow))
    setup = accounts.begin_totp(uow)
    assert setup.secret not in (me(uow).totp_sealed or "")


def test_it_is_taken_off_with_a_code_only(uow: UnitOfWork, clock: FrozenClock) -> None:
    codes = set_up(uow)
    for wrong in ("", "000000", "aaaaa-aaaaa", None, 5, code(uow)):  # the last was used to set it up
        with pytest.raises(accounts.WrongCode):
            accounts.disable_totp(uow, code=wrong)
    accounts.disable_totp(uow, code=codes[3])
    assert (accounts.get_account(uow).has_totp, accounts.count_recovery_codes(uow), me(uow).totp_sealed) == (False, 0, None)


def test_fresh_recovery_codes_end_the_former(uow: UnitOfWork, clock: FrozenClock) -> None:
    former = set_up(uow)
    clock.advance(seconds=60)
    fresh = accounts.renew_recovery_codes(uow, code=code(uow))
    assert not set(former) & set(fresh)
    with pytest.raises(accounts.WrongCode):
        accounts.disable_totp(uow, code=former[0])


def test_a_recovery_code_works_once_is_told_by_letter_and_says_when_it_was_used(uow: UnitOfWork) -> None:
    first, *_ = set_up(uow)
    take_either(uow, me(uow), first)
    assert "9 are left" in last_letter(uow, me(uow).email)
    with pytest.raises(WrongCode) as used:
        take_either(uow, me(uow), first)
    assert used.value.fields == {"code": "This recovery code was used already. Enter another one."}
    with pytest.raises(WrongCode) as wrong:
        take_either(uow, me(uow), "never-was-one")
    assert "not right" in wrong.value.fields["code"]


def test_a_second_set_up_cannot_replace_a_running_one(uow: UnitOfWork) -> None:
    set_up(uow)
    before = secret_of(uow)
    with pytest.raises(Conflict):
        accounts.begin_totp(uow)
    assert secret_of(uow) == before


def test_nobody_opens_a_session_past_the_app(uow: UnitOfWork) -> None:
    found = make_account(uow)
    sign_in(uow, found)
    accounts.begin_totp(uow)
    accounts.enable_totp(uow, code=code(uow))
    uow.session.flush()
    with pytest.raises(accounts.SecondFactorNeeded):
        accounts.open_session(uow, credentials=found)


def test_the_demo_account_keeps_neither_password_nor_app(uow: UnitOfWork) -> None:
    sign_in(uow, make_account(uow))
    me(uow).is_demo = True
    for act in (lambda: accounts.begin_totp(uow), lambda: accounts.find_own_credentials(uow, password="a wholly other phrase 7")):
        with pytest.raises(accounts.SharedAccount):
            act()
    accounts.request_password_reset(uow, email=me(uow).email)
    assert letters_to(uow, me(uow).email) <= 1  # the one of signing up


def test_an_address_is_verified_by_its_letter_once(uow: UnitOfWork) -> None:
    sign_in(uow, make_account(uow))
    me(uow).email_verified_at = None
    accounts.send_verification(uow)
    token = token_in(last_letter(uow, me(uow).email))
    mine, uow.actor = uow.actor, None
    address = accounts.verify_email(uow, token=token)
    uow.actor = mine
    uow.session.flush()
    uow.session.expire_all()
    assert (address, accounts.get_account(uow).is_verified) == (me(uow).email, True)
    with pytest.raises(accounts.TicketOver):
        accounts.verify_email(uow, token=token)


def test_a_visitor_has_no_account_to_protect(uow: UnitOfWork) -> None:
    for act in (accounts.begin_totp, accounts.get_account, accounts.send_verification, accounts.count_recovery_codes):
        with pytest.raises(NotSignedIn):
            act(uow)
