"""/docs: the API's description as a page for reading, written by the server from OpenAPI; it needs no script and no foreign host."""

from functools import lru_cache
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

router = APIRouter(tags=["health"])
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
STYLE = """
:root{color-scheme:light dark;--ink:light-dark(#1a1d23,#e8eaee);--soft:light-dark(#5d6470,#9aa2b0);--line:light-dark(#e3e6eb,#2a2f38);
--card:light-dark(#fff,#171a20);--page:light-dark(#f7f8fa,#0f1115);--accent:light-dark(#4f46e5,#a5b4fc)}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 Inter,system-ui,sans-serif}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
header,main{max-width:1080px;margin:0 auto;padding:24px 20px}h1{font-size:26px;margin:0 0 4px}
h2{margin:40px 0 12px;font-size:19px;scroll-margin-top:16px}
nav{display:flex;flex-wrap:wrap;gap:6px 16px;margin-top:16px}p{margin:6px 0}.soft{color:var(--soft)}
details{background:var(--card);border:1px solid var(--line);border-radius:10px;margin:8px 0}
summary{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline;padding:11px 14px;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}summary:focus-visible{outline:2px solid var(--accent);border-radius:10px}
.method{font:600 12px ui-monospace,monospace;min-width:52px;color:var(--accent)}code,pre{font:13px/1.5 ui-monospace,monospace}
summary code{overflow-wrap:anywhere}.inner{padding:0 14px 14px;border-top:1px solid var(--line)}
table{border-collapse:collapse;width:100%;margin:8px 0}
td,th{text-align:left;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid var(--line)}
th{font-weight:500;color:var(--soft);font-size:13px}
pre{overflow-x:auto;padding:10px 12px;background:var(--page);border-radius:8px;margin:8px 0}
.scroll{overflow-x:auto}
"""


@router.get("/docs", include_in_schema=False)
async def show_reference(request: Request) -> Response:
    """The page."""
    page = _page(request.app.title, _Description(request.app.openapi()))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})


class _Description(dict[str, Any]):
    """The OpenAPI document, which is one object per process."""

    def __hash__(self) -> int:  # type: ignore[override]
        return len(self["paths"])


@lru_cache(maxsize=2)
def _page(title: str, api: _Description) -> str:
    groups: dict[str, list[str]] = {}
    for path, methods in api["paths"].items():
        if not path.startswith("/api/v1/"):
            continue
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(api, method.upper(), path, operation))
    links = "".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in groups)
    parts = "".join(
        f'<section><h2 id="{escape(name)}">{escape(name.capitalize())}</h2>{"".join(each)}</section>' for name, each in groups.items()
    )
    words = (
        "Everything the pages do, for programs. Send an API key or an access token as <code>Authorization: Bearer ...</code>. "
        'The whole description is <a href="/api/v1/openapi.json">OpenAPI</a>.'
    )
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>API · {escape(title)}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head>'
        f'<body><header><p><a href="/">← {escape(title)}</a></p><h1>API</h1>'
        f'<p class="soft">{words}</p><nav>{links}</nav></header><main>{parts}</main></body></html>'
    )


def _operation(api: _Description, method: str, path: str, operation: dict[str, Any]) -> str:
    said = operation.get("description") or operation.get("summary") or ""
    fields = _parameters(operation) + _body(api, operation)
    names = ("Name", "In", "Type", "What")
    table = f"<div class=scroll><table><tr>{''.join(f'<th>{name}</th>' for name in names)}</tr>{fields}</table></div>" if fields else ""
    name = f'<span class="soft">{escape(said.partition(". ")[0].rstrip("."))}</span>'
    heading = f'<summary><span class="method">{method}</span><code>{escape(path)}</code>{name}</summary>'
    example = escape(_example(method, path, operation))
    return f'<details>{heading}<div class="inner"><p>{escape(said)}</p>{table}<pre>{example}</pre></div></details>'


def _parameters(operation: dict[str, Any]) -> str:
    return "".join(
        _row(one["name"], one["in"], one.get("schema", {}), one.get("description", "")) for one in operation.get("parameters", ())
    )


def _body(api: _Description, operation: dict[str, Any]) -> str:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    reference = schema.get("$ref", "")
    whole = api["components"]["schemas"].get(reference.rpartition("/")[2], {}) if reference else schema
    fields = whole.get("properties")
    if fields is None:
        return _row("(body)", "body", whole, schema.get("description", whole.get("description", ""))) if whole else ""
    return "".join(_row(name, "body", field, field.get("description") or field.get("title", "")) for name, field in fields.items())


def _row(name: str, place: str, schema: dict[str, Any], words: str) -> str:
    cells = (f"<code>{escape(name)}</code>", escape(place), escape(_type(schema)), escape(words))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    kind = str(schema.get("type") or schema.get("$ref", "any").rpartition("/")[2])
    return f"list of {_type(schema['items'])}" if kind == "array" and "items" in schema else kind


def _example(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = ["curl", *([] if method == "GET" else ["-X", method]), '-H "Authorization: Bearer $AF_API_KEY"']
    if any(one["name"] == "If-Match" for one in operation.get("parameters", ())):
        parts.append("-H 'If-Match: \"1\"'")
    if "requestBody" in operation:
        parts.append("-H 'Content-Type: application/json' -d '{...}'")
    return " ".join([*parts, f'"$AF_URL{path}"'])
