"""Tells decisions from things to do in the notes of a meeting, for the demo models."""

import re

from app.adapters.llm_demo.language import STOP_WORDS, plain, sentences, vocabulary, words

_VERBS = frozenset(vocabulary()["action_verbs"].split())
_DECIDED = re.compile(
    r"\b(?:decid\w+|decision|agreed|approved|resolved|adopted|accepted|rejected|voted|chose|settled on|signed off)\b|"
    r"\bwe (?:will|stay|keep|go with|went with|go for|went for)\b|\b(?:was|were) (?:chosen|picked|moved|postponed)\b|"
    r"\b(?:stays?|remains?) (?:on|off|at|in|with|as (?:it|they)|unchanged|the same)\b",
    re.IGNORECASE,
)
_UNDECIDED = re.compile(
    r"\b(?:no|without(?: a)?) (?:\w+ )?(?:decision|agreement|resolution|vote)\b|\bundecided\b|"
    r"(?:\b(?:not|never|nothing (?:wa|i)s|nobody|yet to be|still to be|to be)|n't) (?:\w+ ){0,2}(?:decided?|agreed?|resolved|settled)\b|"
    r"\bdecision\b[^.;]{0,40}\b(?:postponed|deferred|adjourned|open|pending)\b|\b(?:postponed|deferred|adjourned) the decision\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"^\s*(?:action(?: item)?s?|to-?dos?|task|next steps?|follow-?ups?)\b\s*[:\-]?\s*", re.IGNORECASE)
_DECISION_MARK = re.compile(r"^\s*(?:decisions?|decided|agreed)\s*:\s*", re.IGNORECASE)
_NAME = r"[A-Z][\w'\u2019-]*(?: [A-Z][\w'\u2019-]+)?"
_WHO = rf"^(?P<who>{_NAME}(?: and {_NAME})?)"
_OWNED = re.compile(rf"{_WHO}\s*(?:[:\u2013\u2014]|-\s|->|\u2192)\s*(?P<what>\S.*)$")
_PROMISE = re.compile(
    rf"{_WHO}\s+(?:will|shall|should|must|needs? to|has to|have to|(?:is|are) (?:going )?to|promised to|offered to|volunteered to|to)\s+\w+"
)
BY_WHEN = re.compile(
    r"\b(?:by|until|till|before|on|next|this)\s+(?:the\s+)?(?:end of|mon|tue|wed|thu|fri|sat|sun|week|month|tomorrow|tonight|noon|\d|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\b(?:today|tomorrow|asap|next week)\b",
    re.IGNORECASE,
)
_NOBODY = frozenset(vocabulary()["nobody"].split())


def actions(text: str) -> list[str]:
    """Who does what, a sentence each; empty when the notes name nothing to do."""
    return list(dict.fromkeys(found for item in _statements(text) if (found := _action(item))))


def decisions(text: str) -> list[str]:
    """What was decided, a sentence each, without what is somebody's to do."""
    return list(dict.fromkeys(_DECISION_MARK.sub("", item) for item in _statements(text) if _is_decision(item)))


def _statements(text: str) -> list[str]:
    """Sentences, parted at semicolons too, for notes are written so."""
    return [plain(part).strip() for item in sentences(text) for part in re.split(r"\s*;\s+", item) if part.strip(" .")]


def _is_decision(item: str) -> bool:
    if _UNDECIDED.search(item):
        return False
    return bool(_DECISION_MARK.match(item) or (_DECIDED.search(item) and not _action(item)))


def _action(item: str) -> str:
    """The action a statement names, without its mark, or nothing."""
    marked = _MARK.match(item)
    said = item[marked.end() :] if marked else item
    if _DECISION_MARK.match(said) or not said:
        return ""
    owned = _OWNED.match(said)
    if owned and _is_person(owned["who"]) and (words(owned["what"])[:1] or [""])[0] in _VERBS | {"will", "to"}:
        return said
    if (promised := _PROMISE.match(said)) and _is_person(promised["who"]):
        return said
    if marked and len(words(said)) >= 2:
        return said
    first, *rest = said.split()
    does = bool(rest) and words(rest[0])[:1] != [] and words(rest[0])[0] in _VERBS and rest[0].endswith("s")
    if does and _is_person(first):
        return said
    starts_with_verb = bool(words(first)) and words(first)[0] in _VERBS and not first.endswith("s") and bool(BY_WHEN.search(said))
    return said if starts_with_verb else ""


def _is_person(name: str) -> bool:
    first = name.split()[0]
    return first[:1].isupper() and first.lower() not in STOP_WORDS | _NOBODY and first.lower() not in _VERBS
