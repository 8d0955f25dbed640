"""What a public page says before any script runs, and how that is written into the built page."""

import json
import re
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from engine.json import JsonObject

SITE = "Agent Factory"
LONGEST_DESCRIPTION = 200
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_PICTURE = re.compile(r'<meta content="[^"]*" property="og:image"/>')
# The built page replaces the text once its own is there; searching for the text's end costs nothing until then.
_LEAVE = """(() => { const text = document.getElementById("af-first");
const done = () => document.querySelector('.af-door, .af-main[aria-busy="false"]') && (text.remove(), watch.disconnect());
const watch = new MutationObserver(done); watch.observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-busy"] });
})()"""


@dataclass(frozen=True, slots=True)
class TextLink:
    """A link with what is said of its goal."""

    href: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A titled part of the text: paragraphs, then links."""

    title: str
    paragraphs: tuple[str, ...] = ()
    links: tuple[TextLink, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page as crawlers and visitors first get it. `path` is the one address it is known under; `facts` are schema.org's."""

    title: str
    description: str
    path: str
    base: str  # of the site, such as https://agents.example.com
    heading: str = ""
    parts: tuple[TextPart, ...] = ()
    facts: JsonObject = field(default_factory=dict[str, object])  # type: ignore[assignment]
    kind: str = "website"
    status: int = 200
    image: str = ""  # the path of its own picture, which social cards show


def fill(html: str, page: PublicPage) -> str:
    """The built page with this one's title, description, card, facts and text."""
    html = _PICTURE.sub("", _TITLE.sub("", html, count=1), count=1)
    head, sign, rest = html.partition("</head>")
    body, end, tail = rest.rpartition("</body>")
    if not sign or not end:
        return html
    marked = head.replace("<html ", '<html data-visitor="" ', 1)
    return f"{marked}{_head(page)}{sign}{body}{_text(page)}{end}{tail}"


def _head(page: PublicPage) -> str:
    title, description, address = escape(page.title), escape(clip(page.description)), escape(page.base + page.path)
    if page.status != 200:
        return f'<title>{title}</title><meta name="robots" content="noindex"/>'
    card = {
        "og:type": page.kind, "og:site_name": SITE, "og:title": title, "og:description": description, "og:url": address,
    }  # fmt: skip
    card |= {"og:image": escape(page.base + (page.image or "/social-card.png"))}
    card |= {} if page.image else {"og:image:width": "1200", "og:image:height": "630"}
    facts = json.dumps({"@context": "https://schema.org", **page.facts}, ensure_ascii=True).replace("<", "\\u003c") if page.facts else ""
    return "".join(
        (
            f'<title>{title}</title><meta name="description" content="{description}"/><link rel="canonical" href="{address}"/>',
            *(f'<meta property="{name}" content="{value}"/>' for name, value in card.items()),
            '<meta name="twitter:card" content="summary_large_image"/>',
            f'<script type="application/ld+json">{facts}</script>' if facts else "",
        )
    )


def _text(page: PublicPage) -> str:
    said = "".join(_part(part) for part in page.parts)
    return f'<article id="af-first"><h1>{escape(page.heading)}</h1>{said}</article><script>{_LEAVE}</script>'


def _part(part: TextPart) -> str:
    title = f"<h2>{escape(part.title)}</h2>" if part.title else ""
    said = "".join(f"<p>{escape(text)}</p>" for text in part.paragraphs if text)
    links = "".join(f"<li>{_link(one)}</li>" for one in part.links)
    return title + said + (f"<ul>{links}</ul>" if links else "")


def _link(link: TextLink) -> str:
    note = f" <span>{escape(link.note)}</span>" if link.note else ""
    return f'<a href="{escape(quote(link.href, safe="/?=&-._~"))}">{escape(link.label)}</a>{note}'


def clip(text: str) -> str:
    """One line of at most two hundred characters, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_DESCRIPTION else line[: LONGEST_DESCRIPTION - 1].rsplit(" ", 1)[0] + "…"
