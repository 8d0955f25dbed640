"""Accounts: sign-up, sign-in, sign-out, sessions, and who a session token belongs to."""

from app.services.accounts.sessions import list_sessions, revoke_other_sessions, revoke_session, sign_out, switch_workspace, touch_session
from app.services.accounts.sign_in import Credentials, find_credentials, find_demo_account, open_session, password_fits
from app.services.accounts.sign_up import check_sign_up, create_account
from app.services.accounts.tokens import hash_token, resolve_actor

__all__ = [
    "Credentials",
    "check_sign_up",
    "create_account",
    "find_credentials",
    "find_demo_account",
    "hash_token",
    "list_sessions",
    "open_session",
    "password_fits",
    "resolve_actor",
    "revoke_other_sessions",
    "revoke_session",
    "sign_out",
    "switch_workspace",
    "touch_session",
]
