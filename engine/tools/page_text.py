"""HTML to readable text: headings, lists, tables and links survive; scripts, styles and navigation do not."""

import re
from html.parser import HTMLParser

_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "head", "nav", "footer", "form", "iframe", "object", "canvas"})
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "aside",
        "ul",
        "ol",
        "table",
        "tr",
        "blockquote",
        "pre",
        "br",
        "hr",
        "dl",
        "dt",
        "dd",
    }
)
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}


def page_text(source: str) -> tuple[str, str]:
    """The page's title and its text, a paragraph per line."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    text = re.sub(r"[ \t\r\f\v\u00a0]+", " ", "".join(reader.parts))
    text = re.sub(r" ?\n ?", "\n", text)
    return " ".join("".join(reader.title).split()), re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title: list[str] = []
        self.skipping: list[str] = []
        self.in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and not self.title:
            self.in_title = True
        elif tag in _SKIPPED:
            self.skipping.append(tag)
        elif tag == "body":
            self.skipping.clear()
        elif tag in _HEADINGS:
            self._write(f"\n\n{_HEADINGS[tag]} ")
        elif tag == "li":
            self._write("\n- ")
        elif tag in ("td", "th"):
            self._write(" | ")
        elif tag in _BLOCKS:
            self._write("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.in_title = False
        elif tag in self.skipping:
            while self.skipping.pop() != tag:
                pass
        elif tag in _HEADINGS or tag in _BLOCKS:
            self._write("\n")

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.title.append(data)
        else:
            self._write(data)

    def _write(self, text: str) -> None:
        if not self.skipping:
            self.parts.append(text)
