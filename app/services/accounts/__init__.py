"""Accounts: sign-up, sign-in, sign-out, sessions, and who a session token belongs to."""

from app.services.accounts.profile import rename_myself
from app.services.accounts.sessions import list_sessions, revoke_other_sessions, revoke_session, sign_out, switch_workspace, touch_session
from app.services.accounts.sign_in import (
    DEMO_EMAIL,
    Credentials,
    SignInRefused,
    find_credentials,
    find_demo_account,
    has_demo_account,
    open_session,
    password_fits,
    replace_weak_hash,
    require_filled,
)
from app.services.accounts.sign_up import AddressTaken, check_sign_up, create_account
from app.services.accounts.throttle import throttle_demo, throttle_sign_in, throttle_sign_up, throttle_taken_address
from app.services.accounts.tokens import hash_token, resolve_actor

__all__ = [
    "DEMO_EMAIL",
    "AddressTaken",
    "Credentials",
    "SignInRefused",
    "check_sign_up",
    "create_account",
    "find_credentials",
    "find_demo_account",
    "has_demo_account",
    "hash_token",
    "list_sessions",
    "open_session",
    "password_fits",
    "rename_myself",
    "replace_weak_hash",
    "require_filled",
    "resolve_actor",
    "revoke_other_sessions",
    "revoke_session",
    "sign_out",
    "switch_workspace",
    "throttle_demo",
    "throttle_sign_in",
    "throttle_sign_up",
    "throttle_taken_address",
    "touch_session",
]
