"""/docs: the API's description as a page for reading, written by the server from OpenAPI and loading nothing from elsewhere."""

from functools import lru_cache
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from app.api.door import Parts
from app.api.reference_guide import TITLES, guide_markup
from app.api.reference_look import POLICY, SCRIPT, style
from app.api.reference_operations import Operation, operation_markup
from app.api.reference_shapes import Shapes

router = APIRouter(tags=["health"])
SITE_FORMS = "forms of the site"
ABOUT = {
    SITE_FORMS: (
        "What the site's own pages post. These take requests of this site's pages only, set or need its cookie, and answer where the page "
        "goes next. Programs use their twins: <a href='#register'>register</a> for sign-up, <a href='#login'>login</a> for sign-in and "
        "second-factor, <a href='#logout'>logout</a> for sign-out, <a href='#request_password_reset'>password-reset</a> for "
        "forgot-password and reset-password, and what is below <code>/market/payouts</code> for <code>/payouts</code> and "
        "<code>/payout-account</code>."
    ),
    "auth": "Accounts and tokens for programs: tokens are in the answer, no cookie is set.",
}


@router.get("/docs", include_in_schema=False)
async def show_reference(request: Request, wiring: Parts) -> Response:
    """The page."""
    page = _page(request.app.title, wiring.settings.public_url, _Description(request.app.openapi()))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})


class _Description(dict[str, Any]):
    """The OpenAPI document, which is one object per process."""

    def __hash__(self) -> int:  # type: ignore[override]
        return len(self["paths"])


@lru_cache(maxsize=2)
def _page(title: str, base: str, api: _Description) -> str:
    groups = _groups(api)
    shapes = Shapes(api)
    parts = "".join(_group(shapes, name, each) for name, each in groups.items())
    words = (
        "Everything the pages do, for programs. For reading by programs there is "
        '<a href="/api/v1/openapi.json">OpenAPI</a>; a command line (<code>agent-factory login</code>) and a Python client stand on it.'
    )
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>API · {escape(title)}</title>'
        f'<link rel="icon" href="/favicon.svg" type="image/svg+xml"><style>{style()}</style><script>{SCRIPT}</script>'
    )
    box = '<input id="search" type="search" placeholder="Search operations ( / )" aria-label="Search operations" autocomplete="off" hidden>'
    mark = f'<a href="/"><img src="/logo.svg" alt="" width="22" height="22">{escape(title)}</a>'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body><header>{mark}{box}</header><div class="page">{_index(groups)}'
        f'<main><h1>API</h1><p class="lead">{words}</p><p class="none" hidden>No operation has these words.</p>'
        f"{guide_markup(base)}{parts}</main></div></body></html>"
    )


def _groups(api: _Description) -> dict[str, list[Operation]]:
    """By tag; what only the site's own pages post stands last."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in api["paths"].items():
        if not path.startswith("/api/v1/"):
            continue
        for method, spec in methods.items():
            name = SITE_FORMS if spec["x-needs"]["who"] == "page" else spec["tags"][0]
            groups.setdefault(name, []).append(Operation(method.upper(), path, spec))
    forms = groups.pop(SITE_FORMS, [])
    return {**groups, **({SITE_FORMS: forms} if forms else {})}


def _anchor(name: str) -> str:
    return f"group-{name.replace(' ', '-')}"


def _index(groups: dict[str, list[Operation]]) -> str:
    guide = "".join(f'<a href="#{anchor}">{title}</a>' for anchor, title in TITLES)
    links = "".join(f'<a href="#{_anchor(name)}">{escape(name.capitalize())}<span>{len(each)}</span></a>' for name, each in groups.items())
    whole = f"<p>In general</p>{guide}<p>Operations</p>{links}"
    return f'<nav aria-label="Contents"><details open><summary>Contents</summary>{whole}</details></nav>'


def _group(shapes: Shapes, name: str, each: list[Operation]) -> str:
    about = f"<p>{ABOUT[name]}</p>" if name in ABOUT else ""
    folds = "".join(operation_markup(shapes, one) for one in each)
    return f'<section class="group" id="{_anchor(name)}"><h2>{escape(name.capitalize())}</h2>{about}{folds}</section>'
