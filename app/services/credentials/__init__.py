"""Saved keys: made, listed, tried out, and opened for the moment of their use. Pages, the API and workers call these."""

from app.services.credentials.editing import create_credential, delete_credential, update_credential
from app.services.credentials.reading import get_credential, list_credential_choices, list_credential_kinds, list_credentials
from app.services.credentials.revealing import note_use, reveal_for_model, reveal_for_request
from app.services.credentials.testing import Trial, note_trial, open_trial

__all__ = [
    "Trial",
    "create_credential",
    "delete_credential",
    "get_credential",
    "list_credential_choices",
    "list_credential_kinds",
    "list_credentials",
    "note_trial",
    "note_use",
    "open_trial",
    "reveal_for_model",
    "reveal_for_request",
    "update_credential",
]
