"""Plain English text handling for the demo models: sentences, words, rough stems, key sentences, keywords. No model, no download."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache(maxsize=1)
def vocabulary() -> dict[str, Any]:
    """The word lists of the demo models."""
    return json.loads(Path(__file__).with_name("vocabulary.json").read_text(encoding="utf-8"))


STOP_WORDS = frozenset(vocabulary()["stop_words"].split())
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?", re.UNICODE)
_ABBREVIATION = re.compile(r"\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|no|inc|ltd|approx|fig|al)\.$", re.IGNORECASE)
_BREAK = re.compile(r"(?<=[.!?…])[\"'\u201d\u2019)\]]*\s+(?=[^\sa-z])|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)|\n")
_BULLET = re.compile(r"^\s*(?:[-*•]+|\d+[.)]|#+|>)\s+")
_MARKUP = re.compile(r"(\*\*|__|`+)")
_SUFFIXES = tuple(vocabulary()["suffixes"].split())


def words(text: str) -> list[str]:
    """Lower-case words in order."""
    return [word.replace("\u2019", "'") for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A rough common root: arrival, arrived, arrives and arriving meet at `arriv`."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            root = word[: -len(suffix)]
            return root[:-1] if len(root) > 4 and root[-1] == root[-2] and root[-1] not in "ls" else root
    return word


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry meaning."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS and (len(word) > 1 or word.isdigit())]


def plain(text: str) -> str:
    """One line without bullets and emphasis."""
    return " ".join(_MARKUP.sub("", _BULLET.sub("", text)).split())


def sentences(text: str) -> list[str]:
    """Sentences and list items, cleaned, in order."""
    found: list[str] = []
    for piece in _BREAK.split(text):
        cleaned = plain(piece or "")
        if not cleaned or not any(character.isalnum() for character in cleaned):
            continue
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {cleaned}"
        else:
            found.append(cleaned)
    return found


def key_sentences(text: str, count: int, *, focus: str = "") -> list[str]:
    """The most telling sentences in their own order: frequent words, closeness to `focus`, an early place, no repetition."""
    candidates = [item for item in sentences(text) if len(words(item)) >= 4] or sentences(text)
    if len(candidates) <= count:
        return candidates
    frequency = Counter(content_stems(text))
    wanted = set(content_stems(focus))
    scored: list[tuple[float, int]] = []
    for index, item in enumerate(candidates):
        stems = content_stems(item)
        if not stems:
            continue
        weight = sum(min(frequency[one], 6) for one in set(stems)) / (len(stems) + 4) ** 0.8
        weight += 2.0 * len(wanted & set(stems)) + (1.0 if index == 0 else 0.0) + (0.5 if any(c.isdigit() for c in item) else 0.0)
        scored.append((weight, index))
    chosen: list[int] = []
    for _, index in sorted(scored, key=lambda pair: (-pair[0], pair[1])):
        if all(overlap(candidates[index], candidates[other]) < 0.6 for other in chosen):
            chosen.append(index)
        if len(chosen) == count:
            break
    return [candidates[index] for index in sorted(chosen)]


def overlap(one: str, other: str) -> float:
    """Share of common content, 0 to 1."""
    left, right = set(content_stems(one)), set(content_stems(other))
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0


def best_sentence(question: str, text: str) -> str | None:
    """The sentence that speaks most about the question's words, or None when nothing does."""
    wanted = set(content_stems(question))
    frequency = Counter(content_stems(text))
    best, top = None, 0.0
    for item in sentences(text):
        common = wanted & set(content_stems(item))
        score = sum(1.0 / (1 + frequency[one]) ** 0.5 for one in common)
        if score > top and len(common) >= min(2, len(wanted)):
            best, top = item, score
    return best


def keywords(text: str, count: int) -> list[str]:
    """The most frequent meaningful words in the form they first appear."""
    first: dict[str, str] = {}
    frequency: Counter[str] = Counter()
    for word in words(text):
        if word in STOP_WORDS or len(word) < 3 or word.isdigit():
            continue
        root = stem(word)
        first.setdefault(root, word)
        frequency[root] += 1
    return [first[root] for root, _ in frequency.most_common(count)]


def join(items: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    listed = list(items)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} {last} {listed[-1]}" if listed else ""


def sentence(text: str) -> str:
    """With a capital at the start and a full stop at the end."""
    cleaned = text.strip()
    if not cleaned:
        return ""
    end = cleaned.rstrip("\"'\u201d\u2019)")[-1:] if cleaned[-1] in '"\u201d' else cleaned[-1]
    return cleaned[0].upper() + cleaned[1:] + ("" if end and end in ".!?…:" else ".")


def clip(text: str, limit: int) -> str:
    """Cut at a word, with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
