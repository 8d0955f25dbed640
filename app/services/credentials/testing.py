"""Trying a credential out: the one request that shows whether it is accepted, and what came of it. app.trial sends it."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from app.core.audit import record
from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.ports import OpenedCredential, SealBroken
from app.core.uow import UnitOfWork
from app.services.credentials.kinds import PROBES, PROVIDER_LABELS
from app.services.credentials.rows import load_credential, one_view, open_secret
from app.views.credentials import CredentialRow
from engine.ports import HttpRequest
from models.credential import Credential

TIMEOUT_S = 15.0
READ_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What to send, with which opened credential; stays on the server."""

    request: HttpRequest
    opened: OpenedCredential


def open_trial(uow: UnitOfWork, *, credential_id: object) -> Trial:
    """The request that tells whether the credential works. The use is written down, each time, before the secret leaves."""
    require(uow, Permission.MANAGE_CREDENTIALS)
    row = load_credential(uow, credential_id)
    try:
        fields = open_secret(uow.ports.box, row)
    except SealBroken as error:
        raise Invalid(f"It cannot be opened: {error}. Enter its secret anew.") from error
    opened = OpenedCredential(row.id, row.name, tuple(row.hosts), fields)
    record(uow.trail, kind="credential", resource_id=row.id, name=row.name, action="credentials.use_credential", note="to try it out")
    return _of_model(uow, row, opened) if row.kind == "model" else _of_request(row, opened)


def note_trial(uow: UnitOfWork, *, credential_id: object, is_good: bool, message: str) -> CredentialRow:
    """Keep what came of it."""
    require(uow, Permission.MANAGE_CREDENTIALS)
    row = load_credential(uow, credential_id)
    row.tested_at, row.test_ok, row.test_message = uow.ports.clock.now(), bool(is_good), str(message)[:500]
    uow.session.add(row)
    uow.session.flush()
    return one_view(uow, row, can_manage=True)


def _of_request(row: Credential, opened: OpenedCredential) -> Trial:
    if not row.test_url:
        message = "Enter a test address first: one that answers with success when the key is good, and changes nothing."
        raise Invalid(message, fields={"test_url": message})
    return Trial(_reading(row.test_url, {}), opened)


def _of_model(uow: UnitOfWork, row: Credential, opened: OpenedCredential) -> Trial:
    probe = PROBES[str(row.provider)]
    base = uow.ports.provider_urls.get(str(row.provider), probe.base)
    if not base:
        raise Invalid(f"Keys of {PROVIDER_LABELS[str(row.provider)]} cannot be tried here: its address is not set up.")
    url = f"{base.rstrip('/')}{probe.path}"
    fields = {"type": "header", "name": probe.header, "value": f"{probe.prefix}{opened.fields['key']}"}
    origin = urlsplit(url)
    host = origin.netloc if origin.scheme == "https" else f"http://{origin.netloc}"
    return Trial(_reading(url, dict(probe.extra)), replace(opened, hosts=(host,), fields=fields))


def _reading(url: str, headers: dict[str, str]) -> HttpRequest:
    return HttpRequest("GET", url, headers, timeout_s=TIMEOUT_S, max_bytes=READ_BYTES, cut_body=True, follow_redirects=False)
