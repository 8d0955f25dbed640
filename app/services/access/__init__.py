"""Programmatic access: API keys, token pairs, who calls, and answers kept under idempotency keys."""

from app.services.access.answers import find_answer, keep_answer
from app.services.access.callers import Credential, NotAuthenticated, describe_caller, note_key_use, resolve_caller
from app.services.access.keys import create_api_key, list_api_keys, list_key_scopes, revoke_api_key
from app.services.access.tokens import RefreshRefused, end_token_session, open_token_session, refresh_tokens

__all__ = [
    "Credential",
    "NotAuthenticated",
    "RefreshRefused",
    "create_api_key",
    "describe_caller",
    "end_token_session",
    "find_answer",
    "keep_answer",
    "list_api_keys",
    "list_key_scopes",
    "note_key_use",
    "open_token_session",
    "refresh_tokens",
    "resolve_caller",
    "revoke_api_key",
]
