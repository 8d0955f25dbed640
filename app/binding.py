"""Binds each tab's server state to the session it was made under: a stolen tab token, or another person signing in, gets none of it."""

from typing import Any

import reflex as rx
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from app.services.accounts import hash_token
from app.session import SessionState, token_from_cookies

_START_AFRESH = "window.sessionStorage.removeItem('token'); window.location.reload()"


class SessionBinding(Middleware):
    """Runs before every event; when the cookie is not the one the state belongs to, nothing is read and the tab starts afresh."""

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:
        """Return an update to refuse the event, or None to let it pass."""
        shell = await state.get_state(SessionState)
        owner = _owner_of(shell)
        if shell._owner in ("", owner):
            shell._owner = owner
            return None
        return StateUpdate(delta={}, events=Event.from_event_type(rx.call_script(_START_AFRESH)))

    async def postprocess(self, app: Any, state: BaseState, event: Event, update: StateUpdate) -> StateUpdate:
        """Nothing to add."""
        return update


def _owner_of(shell: SessionState) -> str:
    token = token_from_cookies(shell.router.headers.cookie or "")
    return hash_token(token) if token else "nobody"
