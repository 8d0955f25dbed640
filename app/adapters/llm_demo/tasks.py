"""Decides what a demo model is asked to do and lets the right part do it."""

import json
import re
from collections.abc import Callable

from app.adapters.llm_demo import facts
from app.adapters.llm_demo.briefs import brief, comparison
from app.adapters.llm_demo.classify import choose, option_words
from app.adapters.llm_demo.composed import compose
from app.adapters.llm_demo.concepts import CONCEPTS, concepts, mood
from app.adapters.llm_demo.fields import FieldFiller
from app.adapters.llm_demo.language import clip, join, key_sentences, overlap, plain, sentence, sentences, words
from app.adapters.llm_demo.prose import answer, beyond_me, ideas, letter, questions, reply, small_talk, summarise, topic_of
from app.adapters.llm_demo.reading import Situation
from app.adapters.llm_demo.tool_answers import in_words
from engine.json import JsonSchema

_CLASSIFY = re.compile(
    r"classif|categor|\blabel|\bsort\b|\broute\b|triage|which of|one of|\bchoose\b|\bpick\b|is (?:this|it)\b|intent|one word", re.I
)
_SUMMARISE = re.compile(r"summar|tl;?dr|key points|takeaway|shorten|condense|in short|digest|boil down|gist", re.I)
_REPLY = re.compile(
    r"\b(?:draft|write|compose|prepare|send)\b[^.\n]{0,60}\b(?:reply|response|answer|e-?mail|letter|message)\b|\b(?:reply|respond|answer)\b[^.\n]{0,30}"
    r"\b(?:customer|client|message|mail|person|them|him|her|ticket)\b|reply to\b",
    re.I,
)
_BRIEF = re.compile(
    r"research|(?<!be )(?<!very )(?<!keep it )\bbrief\b(?! (?:answer|repl|and |sentence|note))|\breport\b|compar|analys|analyz|\bmerge\b|"
    r"combine|findings|investigat|overview|pros and cons|outline",
    re.I,
)
_COMPARE = re.compile(r"\bcompar", re.I)
_LETTER = re.compile(r"\b(?:write|draft|compose|prepare)\b[^.\n]{0,40}\b(?:e-?mail|letter|message|note)\b[^.\n]{0,20}\bto\b", re.I)
_COMPOSE = re.compile(r"\b(?:write|draft|compose|prepare)\b", re.I)
_QUESTIONS = re.compile(r"\b(?:list|write|give|ask|suggest|plan|name)\b[^.\n]{0,40}\bquestions\b", re.I)
_YES_NO = re.compile(r"\byes or no\b|\btrue or false\b", re.I)
_IDEAS = re.compile(r"\bideas?\b|brainstorm|suggestions?\b|\bnames? for\b|ways to\b", re.I)
_EXTRACT = re.compile(r"\bextract\b|pull out|\bfind all\b|list (?:all|the) (?:names|dates|amounts|numbers|e-?mails|facts)", re.I)
_SCORE = re.compile(r"\b(?:score|rate)\b[^.\n]{0,60}?(\d+)\s*(?:-|to|and|\u2013)\s*(\d+)", re.I)
_TRANSLATE = re.compile(r"\btranslat", re.I)
_REWRITE = re.compile(r"\brewrite\b|rephrase|proofread|polish|more formal|friendlier|simplif|correct the", re.I)
_WRITE = re.compile(
    r"\b(?:write|create|compose|generate)\b[^.\n]{0,40}\b(?:poem|post|tweet|story|description|paragraph|announcement|text|slogan|haiku)\b",
    re.I,
)
_INVENT = re.compile(
    r"\b(?:write|create|compose|generate|tell|show|give|make|draw|build)\b[^.\n]{0,40}"
    r"\b(?:essay|poem|story|haiku|novel|song|lyrics|joke|code|program|script|function|table|chart|image|picture|website)\b",
    re.I,
)
_REASONED = re.compile(r"\b(?:explain|why|reason|because|justify)\b", re.I)
_JSON_KEYS = re.compile(r"[\"'`]([A-Za-z_]\w{0,40})[\"'`]")


def perform(situation: Situation, *, role: str, schema: JsonSchema | None) -> str:
    """The finished text: JSON where a schema is given, the tools' answers in words, else what the orders ask for."""
    if schema is not None:
        return json.dumps(FieldFiller(schema, situation).fill(), ensure_ascii=False)
    if situation.answers:
        return in_words(situation)
    if said := small_talk(situation.ask or situation.latest, situation.system):
        return said
    if keys := _asked_keys(situation.orders):
        loose: JsonSchema = {"type": "object", "properties": {key: _loose(key) for key in keys}, "required": keys}
        return json.dumps(FieldFiller(loose, situation).fill(), ensure_ascii=False)
    for orders in (situation.ask, situation.system):  # the message at hand decides before the standing instructions
        for applies, do in _TASKS:
            if orders and applies(orders, situation):
                return do(situation)
    return _by_role(situation, role)


def _by_role(situation: Situation, role: str) -> str:
    if role == "classifier":
        if situation.options:
            return _label(situation)
        return "Tell me the options to choose from, for example: Classify into billing, delivery or other."
    if role == "writer" and situation.sections:
        return reply(situation)
    if role == "researcher":
        return brief(situation)
    if role == "extractor":
        return _facts(situation)
    return answer(situation)


def _asked_keys(orders: str) -> list[str]:
    """Keys of the JSON that the orders ask for in words, such as: answer as JSON with "category" and "reply"."""
    found = re.search(r"\bjson\b(.*)", orders, re.IGNORECASE | re.DOTALL)
    if not found or re.search(r"\bjson (?:below|above|document|input|data|file)\b", orders, re.IGNORECASE):
        return []
    return list(dict.fromkeys(_JSON_KEYS.findall(found[1])))[:20]


def _loose(key: str) -> JsonSchema:
    """The type that a field's name suggests when nobody wrote a schema."""
    if re.match(r"(?:is|has|needs|can|should)_|urgent|escalate", key):
        return {"type": "boolean"}
    if re.search(r"score|amount|count|total|price|confidence|rating", key):
        return {"type": "number"}
    if re.search(r"tags|keywords|points|items|list|questions", key):
        return {"type": "array", "items": {"type": "string"}}
    return {"type": "string"}


def _label(situation: Situation) -> str:
    by_name = {option.value.lower(): option.value for option in situation.options}
    if {"positive", "negative"} <= set(by_name):
        return by_name.get(mood(situation.material), by_name["positive"])
    choice = choose(situation.material, list(situation.options))
    if _REASONED.search(situation.orders) and choice.because:
        return f"{choice.option.value}\n\nThe text speaks of {join(choice.because)}."
    return choice.option.value


def _score(situation: Situation) -> str:
    found = _SCORE.search(situation.orders)
    low, high = (int(found[1]), int(found[2])) if found else (0, 100)
    schema: JsonSchema = {"type": "object", "properties": {"score": {"type": "integer", "minimum": low, "maximum": max(low, high)}}}
    filled = FieldFiller(schema, situation).fill()
    value = filled.get("score", low) if isinstance(filled, dict) else low
    if not _REASONED.search(situation.orders):
        return str(value)
    main = key_sentences(situation.material, 1) or ["The text says little."]
    return f"{value}\n\n{sentence(clip(main[0], 200))}"


def _facts(situation: Situation) -> str:
    text = situation.material
    rows = [(option_words(label), value) for label, value in facts.labelled(text).items()]
    rows += [("person", name)] if (name := facts.person(text)) else []
    rows += [("company", name)] if (name := facts.company(text)) else []
    rows += [("e-mail", value) for value in dict.fromkeys(facts.EMAIL.findall(text))]
    rows += [("date", day.isoformat()) for day in dict.fromkeys(facts.dates(text))]
    rows += [("amount", found[0].strip()) for found in facts.MONEY.finditer(text)]
    rows += [("reference", value) for value in dict.fromkeys(facts.REFERENCE.findall(text))]
    rows += [("link", value) for value in dict.fromkeys(facts.URL.findall(text))]
    unique = list(dict.fromkeys(rows))
    return "\n".join(f"- {name}: {value}" for name, value in unique[:20]) or "The text holds no names, dates, amounts or addresses."


def _verdict(situation: Situation) -> str:
    asked = _YES_NO.sub(" ", situation.ask or situation.system)
    shared = (concepts(asked) | set(words(asked)) & CONCEPTS.keys()) & concepts(situation.material)
    is_so = bool(shared) or overlap(asked, situation.material) > 0.2
    words_of = ("true", "false") if re.search(r"true or false", situation.orders, re.I) else ("yes", "no")
    return words_of[0] if is_so else words_of[1]


def _untranslated(situation: Situation) -> str:
    return f"A demo model cannot translate. Choose a provider's model for this step. The text was:\n\n{situation.material.strip()}"


def _rewritten(situation: Situation) -> str:
    tidy = [sentence(plain(item)) for item in sentences(situation.material)]
    text = re.sub(r"\b(?:very|really|just|basically|actually|kind of|sort of)\s+", "", " ".join(tidy), flags=re.IGNORECASE)
    for short, long in (("can't", "cannot"), ("won't", "will not"), ("n't", " not"), ("I'm", "I am"), ("it's", "it is"), ("It's", "It is")):
        text = text.replace(short, long)
    return text


def _piece(situation: Situation) -> str:
    topic, title = topic_of(situation, with_article=True), topic_of(situation)
    source = key_sentences(situation.material, 2, focus=topic) if situation.sections else []
    middle = " ".join(sentence(item) for item in source) or (
        f"There is news: {topic}. It is worth a closer look, because the small things decide whether something works day after day, "
        "and those are what we care about most."
    )
    return f"**{title[:1].upper() + title[1:]}**\n\n{middle}\n\nQuestions? Write to us, we are glad to hear from you."


Applies = Callable[[str, Situation], bool]
_TASKS: tuple[tuple[Applies, Callable[[Situation], str]], ...] = (
    (lambda text, situation: text == situation.ask and not situation.sections and bool(_INVENT.search(text)), beyond_me),
    (lambda text, _: bool(_TRANSLATE.search(text)), _untranslated),
    (lambda text, situation: bool(situation.options and _CLASSIFY.search(text)), _label),
    (lambda text, _: bool(_SCORE.search(text)), _score),
    (lambda text, _: bool(_EXTRACT.search(text)), _facts),
    (lambda text, _: bool(_SUMMARISE.search(text)), lambda situation: summarise(situation.material, situation.orders)),
    (lambda text, _: bool(_YES_NO.search(text)), _verdict),
    (lambda text, situation: text == situation.ask and bool(_COMPOSE.search(text) and situation.section("facts")), compose),
    (lambda text, situation: bool(_LETTER.search(text)) and not situation.sections, letter),
    (lambda text, _: bool(_REPLY.search(text)), reply),
    (lambda text, _: bool(_REWRITE.search(text)), _rewritten),
    (lambda text, _: bool(_QUESTIONS.search(text)), questions),
    (lambda text, _: bool(_COMPARE.search(text)), comparison),
    (lambda text, _: bool(_IDEAS.search(text)), ideas),
    (lambda text, _: bool(_BRIEF.search(text)), brief),
    (lambda text, _: bool(_WRITE.search(text)), _piece),
)
