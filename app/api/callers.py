"""The door of /api/v1: what a request shows, and one unit of work per call in which who asks is read from SQL anew."""

import asyncio
import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPBearer
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError

from app.api.envelope import Answer
from app.api.limits import count_caller
from app.api.visitor import check_page, client_address, network_of
from app.core.errors import AppError, Conflict, NotSignedIn
from app.core.ports import RateLimiter
from app.core.uow import Actor, UnitOfWork
from app.services.access import Credential, NotAuthenticated, find_answer, keep_answer, note_key_use, resolve_caller
from app.services.accounts import resolve_actor
from app.session import COOKIE, token_from_cookies
from app.wiring import Wiring, get_wiring

T = TypeVar("T")
SAFE = ("GET", "HEAD", "OPTIONS")
COUNTED = "af_counted"
KEY_HEADER = "X-API-Key"
IdempotencyKey = Annotated[
    str | None,
    Header(max_length=200, description="Any text of yours. The same request with it does the work once."),
]

_BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="An API key (af_...) or an access token.")
_KEY = APIKeyHeader(name=KEY_HEADER, auto_error=False, scheme_name="key", description="An API key (af_...).")
_COOKIE = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="The session of a page of this site.")
_NOTE_EVERY_S = 60.0
_MOST_NOTED = 10_000
_noted: dict[uuid.UUID, float] = {}


class AmbiguousCredentials(AppError):
    """More than one key or token: checking one and using the other is how checks are got around."""

    status = 400
    code = "ambiguous_credentials"

    def __init__(self) -> None:
        super().__init__(f"Send one key or token, in one header: either Authorization or {KEY_HEADER}.")


def read_credential(request: Request, wiring: Wiring) -> Credential:
    """The key or token of a request, else its cookie, which counts for changes only on pages of this site."""
    bearers, keys = request.headers.getlist("authorization"), request.headers.getlist(KEY_HEADER)
    if len(bearers) + len(keys) > 1:
        raise AmbiguousCredentials()
    if keys:
        return Credential(bearer=keys[0].strip() or "-")
    if bearers:
        scheme, _, text = bearers[0].strip().partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise NotAuthenticated()
        return Credential(bearer=text.strip())
    cookie = token_from_cookies(request.headers.get("cookie", ""))
    if not cookie:
        raise NotAuthenticated()
    if request.method not in SAFE:
        check_page(request, wiring.settings)
    return Credential(cookie=cookie)


@dataclass(frozen=True, slots=True)
class Door:
    """One request that shows a key, a token or a cookie."""

    request: Request
    wiring: Wiring
    credential: Credential | None  # none: a visitor, on the few routes that let one in
    address: str

    @property
    def network(self) -> str:
        """Where it comes from, as limits count."""
        return network_of(self.address)

    async def throttle(self, limit: Callable[..., None]) -> None:
        """Count this request by where it comes from; `limit` raises LimitReached."""
        limiter: RateLimiter = self.wiring.ports.limiter
        await asyncio.to_thread(limit, limiter, network=self.network)

    async def read(self, service: Callable[..., T], **arguments: Any) -> T:
        """Call a service that changes nothing."""
        return await asyncio.to_thread(self._work, service, False, arguments)

    async def write(self, service: Callable[..., T], **arguments: Any) -> T:
        """Call a service that changes something."""
        return await asyncio.to_thread(self._work, service, True, arguments)

    def run(self, service: Callable[..., T], **arguments: Any) -> T:
        """Call a service from a thread, as conversations with a gateway do: each in a unit of work of its own."""
        return self._work(service, True, arguments)

    async def once(
        self, service: Callable[..., T], *, key: str | None, shape: type[BaseModel], message: str, status: int = 201, **arguments: Any
    ) -> JSONResponse:
        """Call a service that makes something; under an idempotency key it is called once, and the answer is kept with it."""
        digest = hashlib.sha256(f"{self.request.method} {self.request.url.path}\n".encode() + await self.request.body()).hexdigest()

        def work(uow: UnitOfWork) -> JSONResponse:
            kept = find_answer(uow, key=key, request_hash=digest) if key else None
            if kept is not None:
                return JSONResponse(kept.body, status_code=kept.status, headers={"Idempotent-Replayed": "true"})
            made = shape.model_validate(service(uow, **arguments))
            body = Answer[Any](data=made, message=message).model_dump(mode="json")
            if key:
                keep_answer(uow, key=key, request_hash=digest, status=status, body=body)
            return JSONResponse(body, status_code=status)

        try:
            return await self.write(work)
        except IntegrityError as error:
            if not key:
                raise
            raise Conflict("The same request is being answered at this moment. Try again.", code="in_progress") from error

    def _work(self, service: Callable[..., T], write: bool, arguments: dict[str, Any]) -> T:
        with self.wiring.unit(write=write) as uow:
            actor = None
            if self.credential is not None:
                uow.actor = actor = replace(resolve_caller(uow, credential=self.credential), via="api", address=self.address)
                self._count(actor)
            found = service(uow, **arguments)
        if actor is not None:
            self._note_use(actor)
        return found

    def _count(self, actor: Actor) -> None:
        """A route that calls several services is one request all the same."""
        if not self.request.scope.get(COUNTED):
            self.request.scope[COUNTED] = True
            count_caller(self.request.scope, self.wiring.ports.limiter, self.wiring.settings, actor)

    def _note_use(self, actor: Actor) -> None:
        key_id, now = actor.key_id, time.monotonic()
        if key_id is None or now - _noted.get(key_id, -_NOTE_EVERY_S) < _NOTE_EVERY_S:
            return
        if len(_noted) >= _MOST_NOTED:
            _noted.clear()
        _noted[key_id] = now
        self.wiring.call(note_key_use, None, key_id=key_id, address=self.address)


def _parts(request: Request) -> Wiring:
    return request.app.dependency_overrides.get(get_wiring, get_wiring)()


def _door_of(request: Request, *, may_visit: bool) -> Door:
    wiring = _parts(request)
    address = client_address(request, trusted_proxies=wiring.settings.trusted_proxies)
    shown = ("authorization", KEY_HEADER)
    is_bare = not any(name in request.headers for name in shown) and not token_from_cookies(request.headers.get("cookie", ""))
    return Door(request, wiring, None if may_visit and is_bare else read_credential(request, wiring), address)


async def open_door(
    request: Request,
    _bearer: Annotated[Any, Security(_BEARER)],
    _key: Annotated[Any, Security(_KEY)],
    _cookie: Annotated[Any, Security(_COOKIE)],
) -> Door:
    """The dependency of every route that is not public; were it not `async`, FastAPI would take a thread for it."""
    return _door_of(request, may_visit=False)


async def open_door_to_all(request: Request) -> Door:
    """The dependency of the few routes that visitors may call, too. Who shows something that does not count is refused all the same."""
    return _door_of(request, may_visit=True)


def session_token(request: Request, wiring: Annotated[Wiring, Depends(get_wiring)]) -> str:
    """The dependency of forms of the door that need a session: its cookie, checked; other keys do not count there."""
    token = token_from_cookies(request.headers.get("cookie", ""))
    if wiring.call(resolve_actor, None, token=token) is None:
        raise NotSignedIn()
    return token


async def turn_away(request: Request, route: APIRoute) -> None:
    """Raise the refusal of who may not call the route at all: only others are told what is wrong with what they sent."""
    if request.scope.get(COUNTED):  # let in already
        return
    doors = _doors_of(route.dependant)
    if session_token in doors:
        await asyncio.to_thread(session_token, request, _parts(request))
    elif doors:
        await _door_of(request, may_visit=open_door_to_all in doors).read(_nothing)


def _doors_of(dependant: Dependant) -> set[Any]:
    """Which doors stand before a route."""
    inner = {door for one in dependant.dependencies for door in _doors_of(one)}
    return inner | ({dependant.call} & {open_door, open_door_to_all, session_token})


def _nothing(_uow: UnitOfWork) -> None:
    """Ask for nothing but to be let in."""


Caller = Annotated[Door, Depends(open_door)]
Guest = Annotated[Door, Depends(open_door_to_all)]
OwnSession = Annotated[str, Depends(session_token)]
