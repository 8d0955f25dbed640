"""The HTML that visitors and search engines get: titles, cards, facts and text; robots.txt and the site map."""

import json
import re
from dataclasses import replace
from functools import partial

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.api.page_heads import PageHeads
from app.api.page_markup import PublicPage, TextLink, TextPart, clip, fill
from app.api.public_pages import describe
from app.services.market import unlist_listing
from app.wiring import Wiring
from models.workspace import Role
from tests.support.api import visitor
from tests.support.market import make_listing
from tests.support.people import make_member

BUILT = (
    '<!DOCTYPE html><html lang="en"><head><title>Built</title><meta content="favicon.ico" property="og:image"/></head>'
    "<body><div>app</div></body></html>"
)
HOSTILE = "</script><script>alert(1)</script>"


async def page(request: Request) -> Response:
    if "if-none-match" in request.headers:
        return Response(status_code=304)
    headers = {"ETag": '"built"', "X-Path": request.url.path, "X-Encoding": request.headers.get("accept-encoding", "none")}
    return HTMLResponse(BUILT, headers=headers)


async def other(_request: Request) -> Response:
    return PlainTextResponse("plain")


@pytest.fixture
def shop(wiring: Wiring) -> Wiring:
    with wiring.unit() as uow:
        uow.actor = make_member(uow, Role.ADMIN)
        make_listing(uow, name="Invoice reader", cents=1900, description=f"Reads **invoices**. {HOSTILE} " * 4)
        make_listing(uow, name="Withdrawn reader")
        unlist_listing(uow, slug="withdrawn-reader")
    return wiring


@pytest.fixture
def client(shop: Wiring) -> TestClient:
    routes = [Route("/marketplace/plain", other), Route("/{path:path}", page)]
    return TestClient(PageHeads(Starlette(routes=routes), describe=partial(describe, wiring=shop)))


def meta(html: str, name: str) -> str:
    found = re.search(rf'<meta (?:name|property)="{name}" content="([^"]*)"/>', html)
    return found[1] if found else ""


def test_a_listing_is_told_before_any_script_runs(client: TestClient, shop: Wiring) -> None:
    html = client.get("/marketplace/invoice-reader").text
    assert "<title>Invoice reader · Agent Factory marketplace</title>" in html
    assert html.count("<title>") == 1
    assert meta(html, "description").startswith("Invoice reader for everybody. Reads invoices.")
    assert meta(html, "og:title") == "Invoice reader · Agent Factory marketplace"
    assert meta(html, "og:image") == f"{shop.settings.public_url}/social-card.png"
    assert f'<link rel="canonical" href="{shop.settings.public_url}/marketplace/invoice-reader"/>' in html
    assert "<h1>Invoice reader</h1>" in html
    assert "favicon.ico" not in html
    facts = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)[0])
    assert facts["offers"] == {"@type": "Offer", "price": "19.00", "priceCurrency": "USD"}
    assert 'data-visitor=""' in html


def test_what_a_seller_writes_is_text_and_never_markup(client: TestClient) -> None:
    html = client.get("/marketplace/invoice-reader").text
    assert "alert(1)" in html
    assert "<script>alert(1)" not in html


@pytest.mark.parametrize("slug", ["withdrawn-reader", "no-such-thing"])
def test_what_is_not_on_the_shelf_is_not_found_and_not_indexed(client: TestClient, slug: str) -> None:
    answer = client.get(f"/marketplace/{slug}")
    assert answer.status_code == 404
    assert meta(answer.text, "robots") == "noindex"
    assert "Withdrawn" not in answer.text


def test_home_shelves_and_creators_have_texts_and_addresses_of_their_own(client: TestClient) -> None:
    home, shelf = client.get("/marketplace").text, client.get("/marketplace?category=support&x=1").text
    assert '<a href="/marketplace/invoice-reader">Invoice reader</a>' in home
    assert "<title>Support: agents and workflows · Agent Factory</title>" in shelf
    assert 'href="/marketplace?category=engineering"' in shelf
    creator = re.search(r'href="(/marketplace/creators/[^"]+)"', client.get("/marketplace/invoice-reader").text)
    assert creator
    assert "<h1>Acme</h1>" in client.get(creator[1]).text


def test_the_built_page_is_asked_for_whole_and_plain(client: TestClient) -> None:
    answer = client.get("/marketplace", headers={"If-None-Match": '"built"', "Range": "bytes=0-5"})
    assert (answer.status_code, answer.headers["x-path"], answer.headers["x-encoding"]) == (200, "/marketplace/", "none")
    assert "etag" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)
    head = client.head("/marketplace")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["/marketplace/sell", "/marketplace/moderation", "/workflows", "/", "/marketplace/creators/x/y"])
def test_other_pages_pass_unchanged(client: TestClient, path: str) -> None:
    assert client.get(path).text == BUILT


def test_people_with_a_session_get_the_page_as_it_was_built(client: TestClient) -> None:
    answer = client.get("/marketplace/invoice-reader", headers={"Cookie": "af_session=x"})
    assert answer.text == BUILT
    assert answer.headers["etag"] == '"built"'


def test_an_answer_that_is_no_page_passes_unchanged() -> None:
    said = PublicPage("T", "", "/marketplace/plain", "http://a", "T")
    bare = TestClient(PageHeads(Starlette(routes=[Route("/{path:path}", other)]), describe=lambda _path, _query: said))
    assert bare.get("/marketplace/plain").text == "plain"


def test_search_engines_are_told_of_the_marketplace_only(shop: Wiring) -> None:
    client = visitor(shop)
    robots = client.get("/robots.txt").text
    assert robots.rstrip().endswith(f"Sitemap: {shop.settings.public_url}/sitemap.xml")
    assert "Disallow: /\n" in robots
    index = client.get("/sitemap.xml").text
    assert re.findall(r"/sitemap/(\d+)\.xml", index) == ["0", "1"]
    part = client.get("/sitemap/1.xml").text
    assert f"<loc>{shop.settings.public_url}/marketplace/invoice-reader</loc><lastmod>2" in part
    assert "withdrawn" not in part
    assert [client.get(f"/sitemap/{number}.xml").status_code for number in (0, 2, -1, 10**30)] == [200, 404, 404, 404]


def test_an_installation_that_keeps_its_marketplace_to_itself_tells_nobody(shop: Wiring) -> None:
    ports = replace(shop.ports, has_public_market=False)
    closed = replace(shop, ports=ports, settings=replace(shop.settings, has_public_market=False))
    assert visitor(closed).get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    assert visitor(closed).get("/sitemap.xml").status_code == 401
    assert describe("/marketplace", "", wiring=closed) is None


def test_links_and_descriptions_are_kept_in_shape() -> None:
    said = TextPart("More", ("a & b",), (TextLink('/marketplace/a"b', "<i>", "note"),))
    html = fill(BUILT, PublicPage("A & B", "d" * 300, "/x", "http://a", "A & B", (said,)))
    assert '<a href="/marketplace/a%22b">&lt;i&gt;</a> <span>note</span>' in html
    assert "<p>a &amp; b</p>" in html
    assert len(clip("word " * 100)) <= 200
    assert fill("<p>no page</p>", PublicPage("T", "", "/x", "http://a")) == "<p>no page</p>"
