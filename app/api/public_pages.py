"""The public pages of the marketplace as text and facts, the site map and robots.txt: what search engines and social cards read."""

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from fastapi import APIRouter, Depends, Response

from app.api.page_markup import SITE, PublicPage, TextLink, TextPart
from app.core.errors import AppError, NotFound
from app.services.market import find_listings, get_address_parts, get_creator, get_listing, list_addresses, list_categories, list_shelves
from app.views.addresses import PublicAddress
from app.views.market import ListingCard, ListingDetail
from app.wiring import Wiring, get_wiring

router = APIRouter(include_in_schema=False)
Parts = Annotated[Wiring, Depends(get_wiring)]
XML = "application/xml"
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_CREATOR = re.compile(r"/marketplace/creators/([0-9a-f-]{36})/?")
_LISTING = re.compile(r"/marketplace/([a-z0-9][a-z0-9-]{0,79})/?")
OWN = ("sell", "moderation", "platform")  # pages below /marketplace that are no listings
_MARKS = re.compile(r"[*`#>]+")
ABOUT = "Agents and workflows that others have built and tested. Look inside, see what they may do, then install."
ROBOTS = """User-agent: *
Allow: /marketplace
Allow: /assets/
Allow: /fonts/
Allow: /external/
Allow: /logo.svg
Allow: /favicon.svg
Allow: /social-card.png
Allow: /pictures/
Disallow: /marketplace/sell
Disallow: /marketplace/publish
Disallow: /marketplace/moderation
Disallow: /

Sitemap: {base}/sitemap.xml
"""


@router.get("/robots.txt")
async def robots(wiring: Parts) -> Response:
    """Only the marketplace is for search engines."""
    settings = wiring.settings
    text = ROBOTS.format(base=settings.public_url) if settings.has_public_market else "User-agent: *\nDisallow: /\n"
    return Response(text, media_type="text/plain")


@router.get("/sitemap.xml")
async def site_map(wiring: Parts) -> Response:
    """The index of the parts."""
    parts = await _asked(wiring, get_address_parts)
    base = wiring.settings.public_url
    entries = "".join(f"<sitemap><loc>{escape(base)}/sitemap/{number}.xml</loc></sitemap>" for number in range(parts + 1))
    return Response(f'<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="{_NAMESPACE}">{entries}</sitemapindex>', media_type=XML)


@router.get("/sitemap/{part}.xml")
async def site_map_part(part: int, wiring: Parts) -> Response:
    """One part of the addresses."""
    found: tuple[PublicAddress, ...] = await _asked(wiring, list_addresses, part=part)
    if not found:
        raise NotFound("This part of the site map")
    entries = "".join(_entry(wiring.settings.public_url, one) for one in found)
    return Response(f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{_NAMESPACE}">{entries}</urlset>', media_type=XML)


def _entry(base: str, one: PublicAddress) -> str:
    when = f"<lastmod>{one.changed_at:%Y-%m-%dT%H:%M:%SZ}</lastmod>" if one.changed_at else ""
    return f"<url><loc>{escape(base + one.path)}</loc>{when}</url>"


async def _asked(wiring: Wiring, service: Callable[..., Any], **arguments: Any) -> Any:
    return await asyncio.to_thread(_read, wiring, service, **arguments)


def _read(wiring: Wiring, service: Callable[..., Any], **arguments: Any) -> Any:
    with wiring.unit(write=False) as uow:
        return service(uow, **arguments)


def describe(path: str, query: str, *, wiring: Wiring | None = None) -> PublicPage | None:
    """What a visitor gets at this address; None where there is nothing public. An unknown listing is told as such."""
    parts = wiring or get_wiring()
    if not path.startswith("/marketplace") or not parts.settings.has_public_market:
        return None
    try:
        if path.rstrip("/") == "/marketplace":
            return _home(parts, (parse_qs(query).get("category") or [""])[0])
        if found := _CREATOR.fullmatch(path):
            return _creator(parts, found[1])
        if (found := _LISTING.fullmatch(path)) and found[1] not in OWN:
            return _listing(parts, found[1])
    except NotFound as missing:
        said = TextPart("", (missing.message,), (TextLink("/marketplace", "Marketplace"),))
        return PublicPage(f"Nothing here · {SITE}", "", path, parts.settings.public_url, "Nothing here", (said,), status=404)
    except AppError:
        return None  # the page itself tells what is wrong
    return None


def _home(wiring: Wiring, wanted: str) -> PublicPage:
    base = wiring.settings.public_url
    categories = _read(wiring, list_categories)
    shelf = next((one for one in categories if one.key == wanted), None)
    links = TextPart("Categories", (), tuple(TextLink(f"/marketplace?category={one.key}", one.label, one.about) for one in categories))
    if shelf is None:
        rows = tuple(TextPart(row.title, (), _links(row.cards)) for row in _read(wiring, list_shelves))
        return PublicPage(f"Marketplace · {SITE}", ABOUT, "/marketplace", base, "Marketplace", (TextPart("", (ABOUT,)), *rows, links))
    cards = _read(wiring, find_listings, category=shelf.key).cards
    title = f"{shelf.label}: agents and workflows · {SITE}"
    found = (TextPart("", (f"{shelf.about}.",), _links(cards)), links)
    return PublicPage(title, f"{shelf.about}. {ABOUT}", f"/marketplace?category={shelf.key}", base, shelf.label, found)


def _creator(wiring: Wiring, creator_id: str) -> PublicPage:
    found = _read(wiring, get_creator, creator_id=creator_id)
    base, path = wiring.settings.public_url, f"/marketplace/creators/{creator_id}"
    said = f"{found.name} offers {found.listing_count} on the marketplace, installed {found.install_count:,} times."
    facts: dict[str, Any] = {"@type": "Organization", "name": found.name, "url": base + path}
    if found.about:
        facts["description"] = found.about
    if found.website:
        facts["sameAs"] = [found.website]
    if found.picture:
        facts["logo"] = base + found.picture
    parts = (TextPart("", tuple(filter(None, (found.about, said)))), TextPart("Listings", (), _links(found.cards)))
    told = f"{found.about} {said}".strip()
    return PublicPage(f"{found.name} · {SITE}", told, path, base, found.name, parts, facts, "profile", image=found.picture)


def _listing(wiring: Wiring, slug: str) -> PublicPage:
    found: ListingDetail = _read(wiring, get_listing, slug=slug)
    card, base = found.card, wiring.settings.public_url
    creator = TextLink(f"/marketplace/creators/{found.creator_id}", card.creator)
    rated = f"{card.stars} of 5 stars from {card.rating_count} reviews. " if card.rating_count else ""
    parts = (
        TextPart("", (card.tagline, f"{card.price}. {rated}Version {found.version}."), (creator,)),
        TextPart("", tuple(_MARKS.sub("", block).strip() for block in found.description.split("\n\n"))),
        TextPart("What it may do", tuple(f"{line.title}: {line.detail}" for line in found.permissions)),
        TextPart("Versions", tuple(f"{row.number}: {row.changelog}" for row in found.versions)),
        TextPart("More like this", (), _links(found.related)),
    )
    title, image = f"{card.name} · {SITE} marketplace", found.pictures[0].href if found.pictures else ""
    described = f"{card.tagline.rstrip('.')}. {_MARKS.sub('', found.description)}"
    return PublicPage(title, described, f"/marketplace/{card.slug}", base, card.name, parts, _facts(found, base), "product", image=image)


def _facts(found: ListingDetail, base: str) -> dict[str, Any]:
    """schema.org's SoftwareApplication, which search engines show with price and stars."""
    card = found.card
    facts: dict[str, Any] = {
        "@type": "SoftwareApplication", "name": card.name, "description": card.tagline, "applicationCategory": "BusinessApplication",
        "operatingSystem": "Any", "softwareVersion": found.version, "url": f"{base}/marketplace/{card.slug}",
        "author": {"@type": "Organization", "name": card.creator},
        "offers": {"@type": "Offer", "price": f"{found.price_cents / 100:.2f}", "priceCurrency": found.currency.upper()},
    }  # fmt: skip
    if found.pictures:
        facts["screenshot"] = [base + one.href for one in found.pictures]
    if card.rating_count:
        facts["aggregateRating"] = {"@type": "AggregateRating", "ratingValue": card.stars, "reviewCount": card.rating_count}
    return facts


def _links(cards: tuple[ListingCard, ...]) -> tuple[TextLink, ...]:
    return tuple(TextLink(f"/marketplace/{card.slug}", card.name, f"{card.tagline.rstrip('.')}. {card.price}.") for card in cards)
