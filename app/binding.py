"""The door of the event socket: without a session only an explicit list of events runs, and each tab's state belongs to one session.

A stolen tab token, or another person signing in in the same tab, gets none of what the state holds.
"""

import asyncio
from collections.abc import Set
from typing import Any

import reflex as rx
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from app.core.errors import DatabaseAway, Invalid, NotFound, NotSignedIn
from app.core.uow import UnitOfWork
from app.payloads import mended, misfit
from app.refusals import show_refusal
from app.services.accounts import hash_token
from app.session import SessionState, call_as, token_from_cookies

# What every page of Reflex sends by itself before anybody can sign in: it tells the defaults of the states, nothing of a workspace.
OF_REFLEX = frozenset(
    {
        "reflex___state____state.hydrate",
        "reflex___state____state.hydrate_and_load",
        "reflex___state____state.set_is_hydrated",
        "reflex___state____state.reflex___state____on_load_internal_state.set_is_hydrated",
        "reflex___state____state.reflex___state____on_load_internal_state.on_load_internal",
        "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal",
    }
)
_SETTER = ".setvar"  # Reflex gives every state this handler, which calls any `set_...` by name; no page uses it
_START_AFRESH = "window.sessionStorage.removeItem('token'); window.location.reload()"


class SessionBinding(Middleware):
    """Runs before every event. `public` are the names of events that need no session besides those of Reflex itself.

    `loading` are those with which a page reads what it shows: while the database is away they go on, find it away themselves, and say
    so in the place of what they would have read.
    """

    def __init__(self, public: Set[str] = frozenset(), *, loading: Set[str] = frozenset()) -> None:
        self._public, self._loading = OF_REFLEX | public, loading

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:
        """Return an update to refuse the event, or None to let it pass.

        When the cookie is not the one the state belongs to, nothing is read and the tab starts afresh.
        """
        shell = await state.get_state(SessionState)
        token = token_from_cookies(shell.router.headers.cookie or "")
        owner = hash_token(token) if token else "nobody"
        if shell._owner not in ("", owner):
            return _refuse(rx.call_script(_START_AFRESH))
        shell._owner = owner
        if event.name.endswith(_SETTER):
            return _refuse(show_refusal(NotFound("This action")))
        if problem := _spoiled(event):
            return _refuse(show_refusal(problem))
        if event.name in self._public or await self._lets_in(token, event.name):
            return None
        return _refuse(show_refusal(NotSignedIn()))

    async def _lets_in(self, token: str, name: str) -> bool:
        try:
            return await asyncio.to_thread(call_as, token, _is_signed_in, write=False, arguments={})
        except DatabaseAway:
            if name in self._loading:
                return True
            raise

    async def postprocess(self, app: Any, state: BaseState, event: Event, update: StateUpdate) -> StateUpdate:
        """Nothing to add."""
        return update


async def holds_tab(app: rx.App, tab: str, session: str) -> bool:
    """Whether the state behind a tab's token is of the session with this token."""
    async with app.modify_state(rx.BaseStateToken(ident=tab, cls=SessionState)) as state:
        shell = await state.get_state(SessionState)
        return shell._owner == hash_token(session)


def _spoiled(event: Event) -> Invalid | None:
    """Mend the text of the payload in place; what is wrong with it when no page would send it."""
    known = RegistrationContext.get().event_handlers.get(event.name)
    try:
        event.payload.update(mended(dict(event.payload)))
    except RecursionError:
        return Invalid("The page sent something that is nested too deeply. Reload the page.")
    name = misfit(known.handler._get_type_hints(), event.payload) if known is not None else ""
    return Invalid(f"The page sent something unexpected as {name!r}. Reload the page and try again.") if name else None


def _is_signed_in(uow: UnitOfWork) -> bool:
    return uow.actor is not None


def _refuse(answer: rx.event.EventSpec) -> StateUpdate:
    return StateUpdate(delta={}, events=Event.from_event_type(answer))
