"""Everyday words for the same thing (cash machine = ATM, refused = declined), so that the demo classifier meets people's own words.

The table in vocabulary.json is about customer service in general: orders, payments, accounts, cards, complaints. A phrase
is matched as whole words; `~` at its end matches any ending.
"""

import re
from functools import lru_cache

from app.adapters.llm_demo.language import content_stems, vocabulary

CONCEPTS: dict[str, list[str]] = vocabulary()["concepts"]


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    parts = [re.escape(phrase.strip().removesuffix("~")) + (r"\w*" if phrase.endswith("~") else "") for phrase in phrases]
    return re.compile(r"\b(?:" + "|".join(sorted(parts, key=len, reverse=True)) + r")(?!\w)", re.IGNORECASE)


_PATTERNS = {concept: _pattern(phrases) for concept, phrases in CONCEPTS.items()}


@lru_cache(maxsize=4096)
def concepts(text: str) -> frozenset[str]:
    """The concepts a text speaks of, and the stems of its other words."""
    lowered = text.lower().replace("\u2019", "'")
    found = {concept for concept, pattern in _PATTERNS.items() if pattern.search(lowered)}
    return frozenset(found | {f"={one}" for one in content_stems(lowered)})


_MOODS = {name: _pattern(phrases) for name, phrases in vocabulary()["moods"].items()}
_ENDLESS = re.compile(r"\b(?:\d+|two|three|four|five|six|several|many) (?:weeks|months)\b|\bforever\b|\bages\b")
_NOT_BAD = re.compile(  # what is said not to be bad is no complaint
    r"\b(?:not|never|no|nothing|without|hardly|isn't|wasn't|don't|doesn't|didn't|can't|cannot)\s+(?:(?:that|really|so|too|at all|any|a|"
    r"actually|say i|to be|even|ever)\s+)*(?:hate\w*|bad|terrible|awful|angry|unhappy|disappoint\w*|poor\w*|upset|annoy\w*|frustrat\w*|"
    r"problems?|wrong|rude|bugs?|buggy|expensive|overpriced|slow|complicated|confus\w*|difficult|useless|ugly|complain\w*|complaints?|"
    r"errors?|crash\w*)\b"
)
_BAD_NEWS = ("compromised", "stolen", "lost", "failed", "declined", "wrong", "twice", "swallowed", "blocked", "complaint")


def mood(text: str) -> str:
    """positive, negative or neutral, by counting words of praise and of trouble."""
    lowered = _NOT_BAD.sub(" ", text.lower().replace("\u2019", "'"))
    wishes = len(_MOODS["wishes"].findall(lowered))
    good = max(0, len(_MOODS["positive"].findall(lowered)) - wishes)
    denied = len(re.findall(r"\b(?:not|n't|never|hardly) (?:\w+ )?(?:great|good|happy|helpful|easy|fast|nice|recommend)", lowered))
    bad = len(_MOODS["negative"].findall(lowered)) + 2 * denied + sum(1 for name in _BAD_NEWS if _PATTERNS[name].search(lowered))
    bad += 1 if _ENDLESS.search(lowered) and not good else 0
    return "positive" if good > bad else "negative" if bad > good else "neutral"
