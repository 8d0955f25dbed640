"""The link at the foot of a letter: one page, one button, no more letters of that kind. Mail programs press it by themselves (RFC 8058)."""

import asyncio
from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from app.services.letters import find_letters, stop_letters
from app.views.letters import StoppedLetter
from app.wiring import Wiring, get_wiring

router = APIRouter(include_in_schema=False)
Parts = Annotated[Wiring, Depends(get_wiring)]
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Letters · Agent Factory</title><style>:root{{color-scheme:light dark}}
body{{display:grid;min-height:90vh;margin:0;place-items:center;padding:0 20px;font:16px/1.5 system-ui,sans-serif;
background:light-dark(#faf8f5,#1a1815);color:light-dark(#22201c,#efece6)}}
main{{max-width:26rem}}h1{{font-size:1.4rem;margin:0 0 .5rem}}p{{margin:.5rem 0 1.25rem}}a{{color:inherit}}
button{{padding:.6rem 1.1rem;border:0;border-radius:8px;background:#0d6e74;color:#fff;font:inherit;font-weight:600;cursor:pointer}}
</style><main><h1>{title}</h1><p>{text}</p>{act}</main></html>"""


@router.get("/letters/stop/{token}")
async def show_letters(token: str, wiring: Parts) -> HTMLResponse:
    """What the link ends; looking at it changes nothing, as mail programs look by themselves."""
    return _page(await asyncio.to_thread(_run, wiring, find_letters, write=False, token=token))


@router.post("/letters/stop/{token}")
async def end_letters(token: str, wiring: Parts) -> HTMLResponse:
    """End them."""
    return _page(await asyncio.to_thread(_run, wiring, stop_letters, write=True, token=token))


def _run(wiring: Wiring, service: Any, *, write: bool, token: str) -> StoppedLetter:
    with wiring.unit(write=write) as uow:
        return service(uow, token=token)


def _page(found: StoppedLetter) -> HTMLResponse:
    label = escape(found.label.lower())
    if found.is_stopped:
        back = '<a href="/settings/letters">Choose your letters</a>'
        said = PAGE.format(
            title="Done", text=f"You get no more letters about {label}. You can turn them on again in the settings.", act=back
        )
    else:
        act = f'<form method="post"><button>No more letters about {label}</button></form>'
        said = PAGE.format(title="Letters", text=f"You get letters about {label} of the listings you sell.", act=act)
    return HTMLResponse(said, headers=HEADERS)
