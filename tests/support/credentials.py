"""Builders of credentials for tests."""

from typing import Any

from app.core.uow import UnitOfWork
from app.services.credentials import create_credential
from app.views.credentials import CredentialRow

SECRET = "canary-7f3e9a52c1d84b60"


def credential_fields(**given: Any) -> dict[str, Any]:
    """What a form sends for a key that may go to api.example.com."""
    return {"name": "CRM", "kind": "bearer", "hosts": ["api.example.com"], "secret": SECRET, **given}


def make_credential(uow: UnitOfWork, **given: Any) -> CredentialRow:
    """A credential of the actor's workspace."""
    return create_credential(uow, settings=credential_fields(**given))
