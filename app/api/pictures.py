"""Pictures of listings at addresses of their own, for pages and social cards: as pictures only, and kept by browsers for a year."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.services.accounts import resolve_actor
from app.services.market import get_picture
from app.session import token_from_cookies
from app.views.pictures import PictureFile
from app.wiring import Wiring, get_wiring

router = APIRouter(include_in_schema=False)
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
KEPT = "max-age=3600"  # what operators take down is gone within an hour


@router.get("/pictures/{picture_id}")
async def read_picture(picture_id: str, request: Request, wiring: Annotated[Wiring, Depends(get_wiring)]) -> Response:
    """One picture; what is not on the shelf is for who may see it, and no shared cache keeps it."""
    token = token_from_cookies(request.headers.get("cookie", ""))
    found = await asyncio.to_thread(_read, wiring, token, picture_id)
    headers = {
        "Cache-Control": f"{'public' if found.is_public else 'private'}, {KEPT}",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin" if found.is_public else "same-origin",
    }
    return Response(found.content, media_type=found.kind, headers=headers)


def _read(wiring: Wiring, token: str, picture_id: str) -> PictureFile:
    with wiring.unit(write=False) as uow:
        uow.actor = resolve_actor(uow, token=token, via="browser") if token else None
        return get_picture(uow, picture_id=picture_id)
