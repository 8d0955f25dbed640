"""The bridge from Reflex states to services: who is signed in, which workspace, and one unit of work per call."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from functools import wraps
from inspect import isasyncgenfunction
from typing import Any, TypeVar
from urllib.parse import quote

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.core.uow import Actor, UnitOfWork
from app.refusals import show_refusal
from app.services.accounts import resolve_actor, switch_workspace, touch_session
from app.services.home import palette_entries, shell_view
from app.views.accounts import Me, WorkspaceCard
from app.views.home import PaletteEntry
from app.wiring import get_wiring

T = TypeVar("T")
COOKIE = "af_session"
SIGN_IN = "/sign-in"
LONGEST_ID = 120


def token_from_cookies(header: str) -> str:
    """Return the session token of a Cookie header, or "". Odd cookies of neighbours on the same host do no harm."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value.strip('"')
    return ""


def call_as(token: str, service: Callable[..., T], *, write: bool, arguments: dict[str, Any], address: str = "") -> T:
    """Resolve the actor from SQL and run the service, in one transaction; blocking, so call it in a thread."""
    with get_wiring().unit(write=write) as uow:
        uow.actor = resolve_actor(uow, token=token, via="browser", address=address)
        return service(uow, **arguments)


def ends_well(handler: Callable[..., AsyncGenerator[Any]]) -> Callable[..., AsyncGenerator[Any]]:
    """The handler, whose refusals are told at its end, so that what it sets back on its way out is sent and kept.

    What a handler has changed when it raises is dropped by Reflex. Who has yielded has shown some of it: a button would turn for ever.
    """

    @wraps(handler)
    async def handle(*arguments: Any, **named: Any) -> AsyncGenerator[Any]:
        try:
            async for answer in handler(*arguments, **named):
                yield answer
        except Exception as error:  # noqa: BLE001 - told as the app tells whatever else a handler raises
            yield show_refusal(error)

    return handle


class Bridge(rx.State, mixin=True):
    """Mixin of every page state. `_call` and `_read` re-read session, membership and role on every call."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Handlers that yield end well; those in the background, and what only handlers call, raise to who called them."""
        for name, member in list(vars(cls).items()):
            is_handler = isasyncgenfunction(member) and not name.startswith("_")
            if is_handler and not getattr(member, rx.event.BACKGROUND_TASK_MARKER, False):
                setattr(cls, name, ends_well(member))
        super().__init_subclass__(**options)

    def _token(self) -> str:
        return token_from_cookies(self.router.headers.cookie or "")

    def _address_id(self) -> str:
        return last_part(self.router.url.path)

    async def _call(self, service: Callable[..., T], **kwargs: Any) -> T:
        """Run a service that writes."""
        return await self._as_person(service, kwargs, write=True)

    async def _read(self, service: Callable[..., T], **kwargs: Any) -> T:
        """Run a service that only reads; on SQLite it takes no write lock."""
        return await self._as_person(service, kwargs, write=False)

    async def _as_person(self, service: Callable[..., T], arguments: dict[str, Any], *, write: bool) -> T:
        address = self.router.session.client_ip
        return await asyncio.to_thread(call_as, self._token(), service, write=write, arguments=arguments, address=address)


def last_part(path: str) -> str:
    """The id that an address such as /workflows/<id> ends with."""
    return path.rstrip("/").rsplit("/", 1)[-1][:LONGEST_ID]


class SessionState(Bridge, rx.State):
    """What the frame of every page shows; `guard` is the first event of every page that needs a session."""

    me: Me = Me()
    workspace: WorkspaceCard = WorkspaceCard()
    workspaces: list[WorkspaceCard] = []  # noqa: RUF012 - Reflex copies defaults per client
    pending_approvals: int = 0
    palette: list[PaletteEntry] = []  # noqa: RUF012
    is_ready: bool = False
    can_edit: bool = True  # whether the role lets this person make things here
    is_visitor: bool = False  # nobody is signed in, on a page that everybody may read
    door_query: str = ""  # leads from the sign-in page back to this one
    _owner: str = ""  # hash of the session this tab's state belongs to; app.binding compares it before every event

    @rx.event
    async def guard(self) -> Any:
        """Load the frame, or send a visitor without a session to sign in and come back. Services check again."""
        try:
            await self._load_frame()
        except NotSignedIn:
            return start_afresh(sign_in_path(self.router.url.path))
        return None

    @rx.event
    async def greet(self) -> Any:
        """Load the frame of a page that visitors may read, too, where the installation shows it to them."""
        try:
            await self._load_frame()
        except NotSignedIn:
            self.is_visitor, self.door_query = True, f"?next={quote(self.router.url.path.rstrip('/'), safe='/')}"

    async def _load_frame(self) -> None:
        view = await self._read(shell_view)
        self.me, self.workspace, self.workspaces = view.me, view.workspace, list(view.workspaces)
        self.pending_approvals, self.is_ready, self.is_visitor, self.can_edit = view.pending_approvals, True, False, view.can_edit
        if view.is_stale:
            await self._call(touch_session)

    @rx.event
    async def follow(self) -> None:
        """The count of waiting decisions follows what is decided elsewhere."""
        if not self.is_ready:
            return
        with suppress(AppError):  # signed out or out of reach meanwhile: the next event of the page says so
            waiting = (await self._read(shell_view)).pending_approvals
            if waiting != self.pending_approvals:
                self.pending_approvals = waiting

    @rx.event
    async def open_palette(self) -> None:
        """Read what the command palette can find."""
        self.palette = await self._read(palette_entries)

    @rx.event
    async def switch_workspace(self, workspace_id: str) -> Any:
        """Go on in another workspace of this person, from its home page."""
        await self._call(switch_workspace, workspace_id=workspace_id)
        return start_afresh()


def sign_in_path(wanted: str) -> str:
    """The address of the sign-in page that leads back to the wanted one."""
    page = wanted.rstrip("/")
    return f"{SIGN_IN}?next={quote(page, safe='/')}" if page else SIGN_IN


def start_afresh(path: str = "/") -> Any:
    """Drop this tab's state and load a page from scratch: nothing of the former person or workspace may remain."""
    return rx.call_script(f"sessionStorage.clear(); window.location.assign({json.dumps(path)})")


__all__ = ["COOKIE", "Actor", "Bridge", "SessionState", "UnitOfWork", "call_as", "sign_in_path", "start_afresh", "token_from_cookies"]
