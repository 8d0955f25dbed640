"""Holds several sources against each other for the demo models: what they agree on, where they differ, what one alone says and what none.

Two statements speak of the same thing when they share enough words; they differ when their figures or the ways they point do.
"""

import re
from dataclasses import dataclass

from app.adapters.llm_demo.facts import NUMBER
from app.adapters.llm_demo.language import clip, content_stems, join, overlap, sentence, sentences, stem, vocabulary, words
from app.adapters.llm_demo.prose import DISCLAIMER

_PARTS = re.compile(
    r"\s*;\s+|(?<!\d),\s+(?:but|while|whereas|and)\s+|(?<!\d),\s+(?=\w+ \w+ (?:rose|fell|grew|dropped|is|are|was|were|by)\b)"
)
_WAYS = {way: frozenset(stem(word) for word in text.split()) for way, text in vocabulary()["ways"].items()}
_NOT = re.compile(r"\b(?:not?|never|none|hardly|without)\b|n't\b", re.IGNORECASE)
_SAME = 0.4
_AT_LEAST = 2
_MOST = 6


@dataclass(frozen=True, slots=True)
class _Said:
    source: int  # from 1
    text: str

    @property
    def stems(self) -> set[str]:
        """What it is about: its words without figures and without the way it points."""
        pointing = _WAYS["up"] | _WAYS["down"]
        return {one for one in content_stems(self.text) if not one.isdigit()} - pointing

    @property
    def figures(self) -> set[str]:
        """The numbers it gives."""
        return {found.lstrip("+-") for found in NUMBER.findall(self.text)}

    @property
    def way(self) -> str:
        """up, down or neither; turned by a denial."""
        stems = {stem(word) for word in words(self.text)}
        up, down = len(stems & _WAYS["up"]), len(stems & _WAYS["down"])
        is_denied = bool(_NOT.search(self.text))
        if up == down:
            return "denied" if is_denied else ""
        return "up" if (up > down) != is_denied else "down"


def weigh(question: str, sources: list[str]) -> str:
    """Markdown under the question, with a section for each; a single source is told as such."""
    said = [_Said(number, part) for number, text in enumerate(sources, start=1) for item in sentences(text) for part in _parts(item)]
    agreed, differing = _pairs(question, said)
    paired = {one.text for pair in agreed + differing for one in pair}
    alone = [one for one in said if one.text not in paired]
    together = [f"{_named(one, other)}: {_quoted(one, other)}" for one, other in agreed]
    apart = [f"{sentence(f'Source {one.source}: {_ended(one)} Source {other.source}: {_ended(other)}')}" for one, other in differing]
    lonely = [f"Source {one.source}: {_ended(one)}" for one in alone[: 2 * _MOST]]
    is_one = len(sources) < _AT_LEAST
    nothing = "There is one source only, so nothing can be compared." if is_one else "No two of them say the same about one thing."
    none_apart = "There is one source only." if is_one else "No two of them contradict each other in figures or direction."
    parts = [
        f"## {question}",
        _section("Where they agree", together, nothing),
        _section("Where they differ", apart, none_apart),
        _section("What only one says", lonely, "Nothing besides."),
        f"### What none of them answers\n{_unanswered(question, said)}",
        f"*{DISCLAIMER}*",
    ]
    return "\n\n".join(parts)


def _pairs(question: str, said: list[_Said]) -> tuple[list[tuple[_Said, _Said]], list[tuple[_Said, _Said]]]:
    """Statements of different sources on the same thing: those that go together, and those that do not."""
    agreed: list[tuple[_Said, _Said]] = []
    differing: list[tuple[_Said, _Said]] = []
    topic = set(content_stems(question))
    for index, one in enumerate(said):
        for other in said[index + 1 :]:
            if one.source != other.source and _is_about_the_same(one, other, topic):
                (differing if _differs(one, other) else agreed).append((one, other))
    return agreed[:_MOST], differing[:_MOST]


def _is_about_the_same(one: _Said, other: _Said, topic: set[str]) -> bool:
    shared = one.stems & other.stems
    least = min(len(one.stems), len(other.stems))
    return bool(shared - topic) and len(shared) >= min(_AT_LEAST, least) and len(shared) / max(least, 1) >= _SAME


def _differs(one: _Said, other: _Said) -> bool:
    if one.way != other.way and ((one.way and other.way) or "denied" in (one.way, other.way)):
        return True
    return bool(one.figures and other.figures) and not one.figures & other.figures


def _parts(item: str) -> list[str]:
    """A statement each, where a sentence makes several."""
    found = [part for part in _PARTS.split(item) if len(words(part)) > _AT_LEAST]
    return found or [item]


def _named(one: _Said, other: _Said) -> str:
    return f"Sources {join(str(number) for number in sorted((one.source, other.source)))}"


def _quoted(one: _Said, other: _Said) -> str:
    if overlap(one.text, other.text) > 0.9:
        return _ended(max((one, other), key=lambda said: len(said.text)))
    return f"{_ended(one)} {_ended(other)}"


def _ended(said: _Said) -> str:
    return sentence(clip(said.text, 240))


def _section(name: str, rows: list[str], otherwise: str) -> str:
    return f"### {name}\n" + ("\n".join(f"- {row}" for row in rows) or otherwise)


def _unanswered(question: str, said: list[_Said]) -> str:
    """The words of the question that no source uses."""
    known = {one for item in said for one in content_stems(item.text)}
    open_words = [word for word in dict.fromkeys(words(question)) if content_stems(word) and stem(word) not in known]
    if open_words:
        return f"No source speaks of {join(f'“{word}”' for word in open_words[:_MOST])}."
    return "Every word of the question is spoken of; whether that settles it is for a person to judge."
