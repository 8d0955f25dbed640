"""What the routes that set the session cookie share: bodies, hashing off the event loop, reading, and where a page goes then."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.api.visitor import Visitor, same_origin_visitor
from app.core.destinations import safe_destination
from app.session import COOKIE
from app.views.accounts import SignedIn
from app.wiring import Wiring, get_wiring

T = TypeVar("T")
LONGEST_TYPED = 1000  # more than any of these fields takes
COOKIE_MAX_AGE_S = 180 * 86_400  # the session itself ends earlier, in SQL
HASHING = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hashing")  # 64 MiB each; who waits holds no other thread

From = Annotated[Visitor, Depends(same_origin_visitor)]
Parts = Annotated[Wiring, Depends(get_wiring)]


def _bounded(value: object) -> object:
    return value[:LONGEST_TYPED] if isinstance(value, str) else value


# What a person typed. It is cut rather than refused here: the service then tells every wrong field at once and in plain words.
Typed = Annotated[str, Field(max_length=LONGEST_TYPED), BeforeValidator(_bounded)]


class DoorBody(BaseModel):
    """What every form of the door posts besides its own fields."""

    model_config = ConfigDict(extra="ignore", strict=True)

    next: str = Field(default="", max_length=2000)


class Landing(BaseModel):
    """Where the page should go now."""

    next: str


async def hashing(work: Callable[[], T]) -> T:
    """Run slow hashing, a few at a time."""
    return await asyncio.get_running_loop().run_in_executor(HASHING, work)


async def reading(wiring: Wiring, service: Callable[..., T], **kwargs: Any) -> T:
    """Run a service that only reads."""

    def read() -> T:
        with wiring.unit(write=False) as uow:
            return service(uow, **kwargs)

    return await asyncio.to_thread(read)


def set_cookie(response: Response, wiring: Wiring, name: str, value: str, *, max_age_s: int, path: str = "/") -> None:
    """A cookie that scripts cannot read and foreign pages do not send."""
    secure = wiring.settings.public_url.startswith("https://")
    response.set_cookie(name, value, max_age=max_age_s, path=path, httponly=True, samesite="lax", secure=secure)
    response.headers["Cache-Control"] = "no-store"


def land(response: Response, wiring: Wiring, opened: SignedIn, wanted: str) -> Landing:
    """Set the session cookie and tell where to go."""
    set_cookie(response, wiring, COOKIE, opened.token, max_age_s=COOKIE_MAX_AGE_S)
    return Landing(next=safe_destination(wanted))
