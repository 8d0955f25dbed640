"""Briefs of the demo models: what the material says from one side, what is still open, and several such findings made into one."""

import re
from itertools import chain, zip_longest

from app.adapters.llm_demo.classify import option_words
from app.adapters.llm_demo.language import (
    STOP_WORDS,
    best_sentence,
    clip,
    content_stems,
    key_sentences,
    overlap,
    plain,
    sentence,
    sentences,
    stem,
    vocabulary,
    words,
)
from app.adapters.llm_demo.prose import DISCLAIMER, title, topic_of, without_disclaimer
from app.adapters.llm_demo.reading import Section, Situation
from app.adapters.llm_demo.sources import weigh

_COMPARED = re.compile(r"\bcompar\w*\s+(.{2,60}?)\s+(?:and|with|to|vs\.?|versus|or)\s+([^.?!\n]{2,60})", re.IGNORECASE)
_LISTED = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.+)$", re.MULTILINE)
_NOT_MATERIAL = frozenset(("topic", "subject", "title", "audience", "reader", "question"))
_ASKS = frozenset(("is", "are", "was", "does", "do", "did", "can", "should", "will", "how", "what", "why", "when", "which", "who", "where"))
_ALSO_GIVEN = frozenset(("also_given", "also given"))  # the material itself: of it the brief tells what no finding does
_MOST_GIVEN = 20
OPEN = "**Still to be found out**"
SAID = "**What the material says**"


def brief(situation: Situation) -> str:
    """One brief: merged out of several findings, or about one side of the material, or what to find out when there is none."""
    topic = topic_of(situation)
    sections = [part for part in situation.sections if part.label.lower() not in _NOT_MATERIAL and len(words(part.text)) >= 4]
    if len(sections) >= 2:
        return _merged(topic, sections)
    material = without_disclaimer(sections[0].text) if sections else ""
    angle = _angle(situation)
    return _one_sided(topic, angle, material)


def _one_sided(topic: str, angle: str, material: str) -> str:
    side = "" if angle == "overview" else f" about the side of {angle}"
    heading = _heading(topic) + (f": {angle}" if side else "")
    said = _from_the_side_of(angle, material)
    known = "\n".join(f"- {sentence(clip(item, 300))}" for item in said)
    if not material:
        known = f"Nothing was given to go by, so nothing is known yet{side}."
    elif not said:
        known = f"The material says nothing{side}."
    points = [point.format(topic=_within(topic)) for point in vocabulary()["angles"][angle]]
    questions = "\n".join(f"{number}. {point}" for number, point in enumerate(points, start=1))
    return "\n\n".join([f"## {heading}", f"{SAID}\n{known}" if said else known, f"{OPEN}\n{questions}", f"*{DISCLAIMER}*"])


def _from_the_side_of(angle: str, material: str) -> list[str]:
    """The sentences of the material that speak of what this side looks at; all of the telling ones for an overview."""
    cues = set(content_stems(vocabulary()["angle_cues"].get(angle, "")))
    if not cues:
        return key_sentences(material, 5)
    fitting = [item for item in sentences(material) if cues & set(content_stems(item))]
    return key_sentences("\n".join(fitting), 5, focus=" ".join(cues)) if fitting else []


def _merged(topic: str, sections: list[Section]) -> str:
    points = [_points(part) for part in sections]
    told: list[str] = []
    is_given = [part.label.lower() in _ALSO_GIVEN for part in sections]
    for is_last, found in sorted(zip(is_given, points, strict=True), key=lambda pair: (pair[0], len(pair[1]))):
        fresh = [item for item in found if all(overlap(item, other) < 0.9 for other in told)]
        found[:] = fresh if is_last else fresh or found  # what several say is told by the one that has least to say besides
        told.extend(found)
    short = key_sentences("\n".join(told), 2, focus=topic)
    first = " ".join(sentence(item) for item in short) or f"Nothing is known yet about {_within(topic)}; the open questions come first."
    parts = [f"## {_heading(topic)}", f"**In short.** {first}"]
    for part, found in zip(sections, points, strict=True):
        if part.label.lower() in _ALSO_GIVEN and not found:
            continue
        bullets = "\n".join(f"- {sentence(clip(point, 300))}" for point in found) or _unsaid(part, is_anything_known=bool(told))
        parts.append(f"### {title(option_words(part.label))}\n{bullets}")
    turns = zip_longest(*(_open_questions(part.text) for part in sections))
    questions = list(dict.fromkeys(item for item in chain.from_iterable(turns) if item))[:6]
    if questions:
        parts.append("### Open questions\n" + "\n".join(f"- {item}" for item in questions))
    return "\n\n".join([*parts, f"*{DISCLAIMER}*"])


def _unsaid(part: Section, *, is_anything_known: bool) -> str:
    """What stands where a finding found nothing: that it did not, and what to find out first."""
    said = "Nothing in the material was found to speak of this side." if is_anything_known else "Nothing is known yet."
    first = next(iter(_open_questions(part.text)), "")
    return f"{said} To find out first: {first[:1].lower()}{first[1:]}." if first else said


def _points(part: Section) -> list[str]:
    """What a finding says: its list where it has one, else its most telling sentences."""
    if part.label.lower() in _ALSO_GIVEN:
        return [item for item in sentences(part.text) if len(words(item)) > 1][:_MOST_GIVEN]
    known = without_disclaimer(part.text).partition(OPEN)[0]
    listed = [plain(found) for found in _LISTED.findall(known)]
    if listed or OPEN in part.text:
        return listed[:8]
    return key_sentences(known, 3)


def _open_questions(text: str) -> list[str]:
    return [plain(found) for found in _LISTED.findall(without_disclaimer(text).partition(OPEN)[2])]


def comparison(situation: Situation) -> str:
    """Two things side by side: what the material says about each, or the criteria to fill in."""
    found = _COMPARED.search(situation.ask or situation.latest)
    if sources := [part.text for part in situation.sections if re.match(r"source[ _-]?\d", part.label.lower())]:
        return weigh(_heading(topic_of(situation)), sources)
    if not found:
        return brief(situation)
    one, other = (plain(part).strip(" .?") for part in found.groups())
    rows = []
    for criterion in vocabulary()["criteria"]:
        left, right = (best_sentence(f"{criterion} {thing}", situation.material) if situation.sections else None for thing in (one, other))
        rows.append(f"| {criterion} | {left or 'to be found out'} | {right or 'to be found out'} |")
    table = "\n".join([f"| | {title(one)} | {title(other)} |", "|---|---|---|", *rows])
    advice_line = "Decide first which two of these lines matter most to you; they usually settle the choice."
    return f"## {title(one)} or {other}\n\n{table}\n\n{advice_line}\n\n*{DISCLAIMER}*"


def _heading(topic: str) -> str:
    """The topic as a title, with its question mark where it is a question."""
    return title(topic) + ("?" if words(topic)[:1] and words(topic)[0] in _ASKS else "")


def _within(topic: str) -> str:
    """The topic as it stands inside a sentence."""
    first, *rest = topic.split(" ", 1)
    return " ".join([first.lower(), *rest]) if first.lower() in STOP_WORDS else topic


def _angle(situation: Situation) -> str:
    """The side that the message asks for, else the one that the standing instructions name first."""
    for text in (situation.ask, situation.system):
        stems = content_stems(text)
        named = [name for name in vocabulary()["angles"] if stem(name) in stems]
        if named:
            return min(named, key=lambda name: stems.index(stem(name)))
    return "overview"
