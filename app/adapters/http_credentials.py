"""Puts a credential on a request when it leaves, and takes it out of the answer (engine.ports.HttpClient around the guarded client).

Nothing before this point has seen the secret and nothing behind it will: steps, journals and traces know its name alone.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, quote_plus, urlencode, urlsplit, urlunsplit

from app.core.allowed_hosts import is_allowed
from app.core.ports import CredentialSource, OpenedCredential
from engine.errors import NodeFailed, Permanent
from engine.ports import HttpClient, HttpRequest, HttpResponse

HIDDEN = "[hidden]"
_PUBLIC = frozenset({"type", "name", "username"})


class CredentialHttp:
    """The client of one run."""

    def __init__(self, inner: HttpClient, credentials: CredentialSource) -> None:
        self._inner = inner
        self._credentials = credentials

    async def send(self, request: HttpRequest) -> HttpResponse:
        """As the inner client, and Permanent `credential_...` where the credential cannot go along."""
        if not request.credential:
            return await self._inner.send(request)
        return await send_with(self._inner, request, await self._credentials.for_request(request.credential))


async def send_with(client: HttpClient, request: HttpRequest, opened: OpenedCredential) -> HttpResponse:
    """Send one request with an opened credential."""
    if not is_allowed(request.url, opened.hosts):
        hosts = ", ".join(opened.hosts)
        text = f"The credential '{opened.name}' may not be sent to this address. It is allowed for: {hosts}."
        raise Permanent("credential_host", text, field="url")
    hide = Hiding(opened.fields)
    try:
        answer = await client.send(authorized(request, opened.fields))
    except NodeFailed as failure:
        failure.message = hide.text(failure.message)
        failure.args = (failure.message,)
        raise failure from None  # the cause may quote the address, and with it the secret
    headers = {name: hide.text(value) for name, value in answer.headers.items()}
    return HttpResponse(answer.status, headers, hide.bytes(answer.body), hide.text(answer.url))


def authorized(request: HttpRequest, fields: Mapping[str, str]) -> HttpRequest:
    """The request with the secret where its kind wants it."""
    kind = fields["type"]
    if kind == "bearer":
        return _with_header(request, "Authorization", f"Bearer {fields['token']}")
    if kind == "basic":
        pair = f"{fields['username']}:{fields['password']}"
        return _with_header(request, "Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    if kind == "header":
        return _with_header(request, fields["name"], fields["value"])
    if kind == "query":
        parts = urlsplit(request.url)
        query = "&".join(part for part in (parts.query, urlencode({fields["name"]: fields["value"]})) if part)
        return replace(request, url=urlunsplit(parts._replace(query=query)), credential="")
    raise Permanent("credential_unusable", f"A credential of kind '{kind}' cannot be used for requests.", field="credential")


def _with_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    """The credential wins over a header of the same name that the step set."""
    others = {known: kept for known, kept in request.headers.items() if known.lower() != name.lower()}
    return replace(request, headers={**others, name: value}, credential="")


class Hiding:
    """Blanks a secret that comes back, in every form in which other sides echo it."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        forms: set[str] = set()
        for name, value in fields.items():
            if name not in _PUBLIC and len(value) >= 4:
                forms |= {value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
                forms |= {json.dumps(value)[1:-1].replace("/", "\\/"), base64.b64encode(value.encode()).decode()}
        if fields["type"] == "basic":
            forms.add(base64.b64encode(f"{fields['username']}:{fields['password']}".encode()).decode())
        self._forms = sorted(forms, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without it."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def bytes(self, body: bytes) -> bytes:
        """The body without it, in UTF-8 and in UTF-16."""
        for form in self._forms:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                body = body.replace(form.encode(encoding), HIDDEN.encode(encoding))
        return body
