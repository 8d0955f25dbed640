"""What the door for programs proves: limits, and passwords that are checked in a thread, outside any transaction."""

import asyncio
import logging
from functools import partial

from app.api.callers import Door
from app.api.door import hashing, reading
from app.api.visitor import Visitor
from app.core.errors import AppError
from app.services import accounts, closing
from app.wiring import Wiring

log = logging.getLogger(__name__)


async def prove_password(wiring: Wiring, visitor: Visitor, *, email: str, password: str) -> accounts.Credentials:
    """Whose address and password these are, or SignInRefused; a wrong password and an unknown address take as long."""
    limiter, hasher = wiring.ports.limiter, wiring.ports.hasher
    accounts.require_filled(email=email, password=password)
    await asyncio.to_thread(accounts.throttle_sign_in, limiter, email=email, network=visitor.network)
    found = await reading(wiring, accounts.find_credentials, email=email)
    if not await hashing(lambda: accounts.password_fits(hasher, found, password)):
        raise refused_sign_in(wiring, visitor, email=email)
    return found


def refused_sign_in(wiring: Wiring, visitor: Visitor, *, email: str) -> accounts.SignInRefused:
    """The refusal; the audit trail is told after it has left, for only an address with an account has one."""
    refused = accounts.SignInRefused()
    refused.afterwards = partial(_tell_refusal, wiring, email=email, address=visitor.address)
    return refused


def _tell_refusal(wiring: Wiring, *, email: str, address: str) -> None:
    try:
        wiring.call(accounts.note_refused_sign_in, None, email=email, address=address)
    except AppError as error:
        log.warning("a refused sign-in was not written down: %s", error.error_code)


async def renew_weak_hash(wiring: Wiring, found: accounts.Credentials, password: str) -> None:
    """After a sign-in: keep a hash with today's parameters."""
    hasher = wiring.ports.hasher
    if hasher.needs_rehash(found.password_hash):
        renewed = await hashing(lambda: hasher.hash(password))
        await asyncio.to_thread(wiring.call, accounts.replace_weak_hash, None, credentials=found, password_hash=renewed)


async def prepare_account(wiring: Wiring, visitor: Visitor, *, name: str, email: str, password: str) -> str:
    """Check what a new account is asked with, and return the password's hash; a taken address takes as long as a free one."""
    limiter, hasher = wiring.ports.limiter, wiring.ports.hasher
    await asyncio.to_thread(accounts.throttle_sign_up, limiter, network=visitor.network)
    try:
        await reading(wiring, accounts.check_sign_up, name=name, email=email, password=password)
    except accounts.AddressTaken:
        await asyncio.to_thread(accounts.throttle_taken_address, limiter, network=visitor.network)
        await hashing(lambda: hasher.hash(password))
        raise
    if sends_letter_first(wiring):
        await asyncio.to_thread(accounts.throttle_sign_up_letter, limiter, email=email)
    return await hashing(lambda: hasher.hash(password))


def sends_letter_first(wiring: Wiring) -> bool:
    """Whether accounts wait for a letter here; then sign-up answers alike for every address."""
    return wiring.ports.mailer.proves_addresses


def begin_account(wiring: Wiring, *, name: str, email: str, password_hash: str, destination: str = "") -> None:
    """Write the letter that fits, after the answer has left: looking the address up first would show in its time."""
    asked = {"name": name, "email": email, "password_hash": password_hash, "destination": destination}
    try:
        wiring.call(accounts.begin_account, None, **asked)
    except AppError as error:
        log.warning("a letter for a new account was not written: %s", error.error_code)


async def prove_pending(wiring: Wiring, visitor: Visitor, *, token: str, password: str) -> accounts.Pending:
    """The sign-up of a letter's link whose password this is; TicketOver or NotThatPassword otherwise."""
    limiter, hasher = wiring.ports.limiter, wiring.ports.hasher
    await asyncio.to_thread(accounts.throttle_link, limiter, network=visitor.network)
    found = await reading(wiring, accounts.find_pending, token=token)
    await asyncio.to_thread(accounts.throttle_codes, limiter, user_id=found.id)
    if not await hashing(lambda: accounts.hash_fits(hasher, found.password_hash, password)):
        raise accounts.NotThatPassword()
    return found


async def prove_again(door: Door, *, password: str) -> closing.Proof:
    """That it is still the person who signed in, before what cannot be taken back; counted as codes of an authenticator app are."""
    limiter, hasher = door.wiring.ports.limiter, door.wiring.ports.hasher
    found = await door.read(closing.find_proof)
    await asyncio.to_thread(accounts.throttle_codes, limiter, user_id=found.user_id)
    if found.password_hash and not await hashing(lambda: accounts.hash_fits(hasher, found.password_hash, password)):
        raise closing.NotYourPassword()
    return found
