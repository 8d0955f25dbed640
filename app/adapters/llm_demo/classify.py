"""Sorts a text into one of the given options by shared words and concepts; the demo models use it for labels, enums and routing."""

import math
import re
from dataclasses import dataclass

from app.adapters.llm_demo.concepts import CONCEPTS, concepts
from app.adapters.llm_demo.language import content_stems, stem, words

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CONCEPT_BY_STEM = {stem(concept): concept for concept in CONCEPTS}
_NEGATION = re.compile(r"\b(?:not|no|never|isn't|doesn't|didn't|won't|can't|cannot|hasn't|haven't|wasn't)\b", re.IGNORECASE)
_NO_TROUBLE = re.compile(
    r"\b(?:no|without(?: any)?|zero|not an?) (?:[\w-]+ ){0,2}"
    r"(?:impact|outages?|errors?|downtime|data loss|failures?|customers?(?: \w+)? affected)\b"
    r"|\b(?:nobody|no one|no customers?|no users?|none) (?:is|are|was|were)(?: \w+)? affected\b|\bnot? (?:down|affected|failing|slow)\b"
    r"|\bnot (?:interested in|looking for|going to|planning to)(?: [\w-]+){1,3}",
    re.IGNORECASE,
)
_REST = re.compile(r"\b(?:every|any)thing else\b|\b(?:all )?the rest\b", re.IGNORECASE)
_OTHER = frozenset({"other", "others", "general", "unknown", "none", "misc", "else", "unclear", "default", "neutral", "otherwise"})


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: what is written back, and what was said about it."""

    value: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen option with a confidence from 0 to 1 and the words that decided."""

    option: Option
    confidence: float
    because: tuple[str, ...] = ()


def option_words(value: str) -> str:
    """`Refund_not_showing_up?` becomes `refund not showing up`."""
    return " ".join(_CAMEL.sub(" ", value).replace("_", " ").replace("-", " ").strip(" ?").lower().split())


def _features(option: Option) -> dict[str, float]:
    """Concepts and stems of an option's name (fully) and of its description (half)."""
    features: dict[str, float] = {}
    name = option_words(option.value)
    for word in words(name):
        root = stem(word)
        if concept := (word if word in CONCEPTS else root if root in CONCEPTS else _CONCEPT_BY_STEM.get(root)):
            features[concept] = 1.0
    for concept in concepts(name):
        if concept.startswith("="):
            features.setdefault(concept, 0.6)
    for concept in concepts(_REST.sub(" ", option.description)):
        features.setdefault(concept, 0.5 if concept.startswith("=") else 0.3)
    if _NEGATION.search(name):
        features["!not"] = 0.6
    return features


def rank(text: str, options: list[Option]) -> list[tuple[float, Option, tuple[str, ...]]]:
    """Every option with its score, best first; equal scores keep the given order."""
    profiles = [_features(option) for option in options]
    spread: dict[str, int] = {}
    for profile in profiles:
        for feature in profile:
            spread[feature] = spread.get(feature, 0) + 1
    weight = {feature: math.log(1 + len(options) / count) for feature, count in spread.items()}
    said = set(concepts(text)) | ({"!not"} if _NEGATION.search(text) else set[str]())
    known = said & weight.keys()
    text_norm = math.sqrt(sum(weight[feature] ** 2 for feature in known)) or 1.0
    scored = []
    for index, (option, profile) in enumerate(zip(options, profiles, strict=True)):
        common = [feature for feature in profile if feature in said]
        dot = sum(profile[feature] * weight[feature] ** 2 for feature in common)
        norm = math.sqrt(sum((value * weight[feature]) ** 2 for feature, value in profile.items())) or 1.0
        exact = 0.35 if option_words(option.value) in " ".join(words(text)) else 0.0
        because = tuple(feature.lstrip("=") for feature in sorted(common, key=lambda one: -weight[one]) if feature != "!not")
        scored.append((dot / (norm * text_norm) + exact, -index, option, because))
    scored.sort(key=lambda row: (-row[0], -row[1]))
    return [(score, option, because) for score, _, option, because in scored]


def choose(text: str, options: list[Option], *, otherwise: str = "") -> Choice:
    """The best option; with nothing in common, the one to take otherwise, or one that is called other, general or unknown."""
    ranked = rank(_affirmed(text), options)
    score, option, because = ranked[0]
    runner_up = ranked[1][0] if len(ranked) > 1 else 0.0
    if score < 0.05:
        named = next((item for item in options if item.value == otherwise), None)
        fallback = named or next((item for item in options if set(words(option_words(item.value))) & _OTHER), option)
        return Choice(fallback, round(1 / max(len(options), 1), 2))
    confidence = 0.5 + 0.3 * min(score, 1.0) + 0.4 * min(max(score - runner_up, 0.0) / score, 0.5)
    return Choice(option, round(min(confidence, 0.98), 2), _spoken(text, because))


def _affirmed(text: str) -> str:
    """Without the troubles that a text says there are none of, such as `no customer impact`."""
    return _NO_TROUBLE.sub(" ", text)


def _spoken(text: str, because: tuple[str, ...]) -> tuple[str, ...]:
    """The deciding features as the words of the text where possible."""
    by_stem = {stem(word): word for word in words(text)}
    said = [by_stem.get(feature) or next((w for root, w in by_stem.items() if feature.startswith(root[:4])), "") for feature in because]
    return tuple(dict.fromkeys(word for word in said if word))[:3] or tuple(content_stems(text)[:2])
