"""For pages and the API: asks whether the provider of a workspace's own sign-in answers, and what the DNS says of a domain."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from app.core.errors import AppError
from app.core.ports import IdentityRefused
from app.services.sign_ins import note_domain, note_test, open_test, read_domain
from app.views.sign_ins import SignInDetail
from app.wiring import Wiring

Call = Callable[..., Awaitable[Any]]
"""Runs a service for whoever asks, in a unit of work of its own: `await call(service, name=value)`."""

_REFUSED = {
    "discovery": "Its discovery document does not fit: it must name exactly this issuer, and where to sign in.",
    "keys": "It publishes no key that its answers could be checked with.",
    "answer": "At /.well-known/openid-configuration there is no discovery document. Check the issuer's address.",
}


async def try_sign_in(call: Call, wiring: Wiring) -> SignInDetail:
    """Read the provider's discovery document and keys, and keep what came of it."""
    provider = await call(open_test)
    try:
        await wiring.identities_of(provider).check(provider.key)
        is_good, message = True, "The provider answers. Now sign in through it once to see that id and secret are right."
    except IdentityRefused as refused:
        is_good, message = False, _REFUSED.get(str(refused), "The provider's answer cannot be used.")
    except AppError:
        is_good, message = False, "The provider does not answer. Check the issuer's address."
    return await call(note_test, is_good=is_good, message=message)


async def prove_domain(call: Call, wiring: Wiring, *, domain: object) -> SignInDetail:
    """Ask the DNS for the domain's record, and take the domain if it is there."""
    wanted = await call(read_domain, domain=domain)
    texts = await asyncio.to_thread(wiring.domains.texts, wanted.record_name)
    return await call(note_domain, domain=wanted.domain, texts=texts)
