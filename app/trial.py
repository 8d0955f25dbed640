"""Tries a saved credential out on the real other side, for pages and the API; the secret stays between the vault and the guarded client."""

from collections.abc import Awaitable, Callable
from typing import Any

from app.adapters.http_credentials import send_with
from app.adapters.http_guarded import GuardedHttpClient
from app.core.config import Settings
from app.services.credentials import note_trial, open_trial
from app.views.credentials import CredentialRow
from engine.errors import NodeFailed
from engine.ports import HttpResponse

Call = Callable[..., Awaitable[Any]]
"""Runs a service for whoever asks, in a unit of work of its own: `await call(service, name=value)`."""


async def try_credential(call: Call, settings: Settings, *, credential_id: object) -> CredentialRow:
    """Send the one request that shows whether the credential is accepted, and keep what came of it."""
    trial = await call(open_trial, credential_id=credential_id)
    client = GuardedHttpClient(allow_private_network=settings.allow_private_network, extra_ports=settings.http_extra_ports)
    try:
        is_good, message = _judge(await send_with(client, trial.request, trial.opened))
    except NodeFailed as failure:
        is_good, message = False, failure.message
    finally:
        await client.aclose()
    return await call(note_trial, credential_id=credential_id, is_good=is_good, message=message)


def _judge(answer: HttpResponse) -> tuple[bool, str]:
    if 200 <= answer.status < 300:
        return True, f"Accepted: the other side answered {answer.status}."
    if answer.status in (401, 403):
        return False, f"Refused: the other side answered {answer.status}. Check the key, and what it is allowed to do."
    if 300 <= answer.status < 400:
        return False, f"The test address redirects ({answer.status}). Enter the final address."
    return False, f"The other side answered {answer.status}, which does not tell whether the key is good. Choose another test address."
