"""Where a request comes from: the client's address behind trusted proxies, and whether its page is ours."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from app.core.config import Settings, allowed_origins
from app.core.errors import NotAllowed
from app.wiring import Wiring, get_wiring


@dataclass(frozen=True, slots=True)
class Visitor:
    """`network` is what limits count by: an IPv4 address, or the /64 of an IPv6 address."""

    address: str
    network: str
    user_agent: str


def same_origin_visitor(request: Request, wiring: Annotated[Wiring, Depends(get_wiring)]) -> Visitor:
    """The dependency of every route that sets or uses the cookie: refuses requests of foreign pages."""
    check_origin(request, wiring.settings)
    return any_visitor(request, wiring)


def any_visitor(request: Request, wiring: Annotated[Wiring, Depends(get_wiring)]) -> Visitor:
    """The dependency of public routes that neither set nor use a cookie."""
    address = client_address(request, trusted_proxies=wiring.settings.trusted_proxies)
    return Visitor(address=address, network=network_of(address), user_agent=request.headers.get("user-agent", ""))


def check_origin(request: Request, settings: Settings) -> None:
    """Refuse what no form of our own pages sends."""
    check_page(request, settings)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise NotAllowed("Send this request as application/json.", code="wrong_media_type")


def check_page(request: Request, settings: Settings) -> None:
    """Browsers send Origin with every POST; a missing, opaque or foreign one is refused."""
    if request.headers.get("origin", "").lower() not in allowed_origins(settings):
        raise NotAllowed("This request did not come from a page of this site. Open the site itself and try again.", code="foreign_origin")


def client_address(request: HTTPConnection, *, trusted_proxies: int) -> str:
    """The peer, or with trusted proxies the entry that the outermost of them wrote; what a client adds is ignored."""
    peer = request.client.host if request.client else ""
    if not trusted_proxies:
        return peer
    hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",") if hop.strip()]
    if len(hops) < trusted_proxies:
        return peer
    return hops[-trusted_proxies]


def network_of(address: str) -> str:
    """IPv6 users own a /64 and change addresses at will."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
