"""Writes the demo models' texts by rule: summaries out of the text's own sentences, replies that quote the facts given, briefs, answers.

Nothing here claims knowledge that was not given; where a real model would know something, the text says that it does not.
"""

import hashlib
import re
from collections.abc import Sequence

from app.adapters.llm_demo.classify import option_words
from app.adapters.llm_demo.concepts import concepts
from app.adapters.llm_demo.facts import REFERENCE, amounts, dates, headcount, person
from app.adapters.llm_demo.language import (
    best_sentence,
    clip,
    content_stems,
    join,
    key_sentences,
    plain,
    sentence,
    sentences,
    stem,
    vocabulary,
    words,
)
from app.adapters.llm_demo.reading import Situation, is_order

_NUMBERS = {"one": 1, "a": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
_COUNT = re.compile(
    r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight|ten|a) (?:\w+ ){0,2}?"
    r"(sentence|bullet|point|line|idea|item|question|step|reason|takeaway)",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\b(\d{2,4})\s+words?", re.IGNORECASE)
SIGN = re.compile(
    r"(?i:\bsign(?:ed)?(?: it)?(?: off)?(?: as| with)?|on behalf of|signature:?)\s+[\"'\u201c]?(?:the )?([A-Z][\w&' -]{2,40})"
)
_FOCUS = re.compile(r"\b(?:focus(?:ing|ed)? on|about|regarding|with an eye on)\s+([^.\n]{3,80})", re.IGNORECASE)
_TEAM = re.compile(r"\b(?:for|at|of|from)\s+([A-Z][\w&'-]+(?: [A-Z][\w&'-]+){0,2})")
_TO = re.compile(
    r"\bto\s+((?:my|our|the|a)?\s*[A-Za-z][\w-]*(?: [A-Z][\w-]*)?)(?=\s+(?:about|on|regarding|because|that|asking)|[.?!]|$)", re.IGNORECASE
)
_RECEIVER = re.compile(
    r"\b(?:customer|client|lead|guest|patient|reader|user|member)(?:\s+named?)?,?\s+([A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+)*)"
)
_ABOUT = re.compile(r"\b(?:about|regarding|on|because of)\s+([^.?!\n]{3,100})", re.IGNORECASE)
_SUM = re.compile(r"\d\s*(?:%|percent)\s*of\s*[\d,.]|\d\s*[-+*/x\u00d7\u00f7]\s*\d|square root of|\bplus \d|\btimes \d", re.IGNORECASE)
_UNNAMED = "your message"
_ASKING = frozenset(vocabulary()["asking"].split())
_TAGS = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_INTEREST = frozenset(stem(word) for word in vocabulary()["interest"].split())
DISCLAIMER = "Written by a demo model from the text it was given; no sources were consulted."


def pick(options: Sequence[str], seed: str) -> str:
    """One of several phrasings, always the same for the same text."""
    return options[int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:4]) % len(options)]


def wanted_count(orders: str, default: int, *, most: int = 10) -> int:
    """How many sentences, points or ideas were asked for."""
    found = _COUNT.search(orders)
    if not found:
        return default
    raw = found[1].lower()
    return max(1, min(int(raw) if raw.isdigit() else _NUMBERS[raw], most))


def without_disclaimer(text: str) -> str:
    """Texts of other demo models are material too; their closing line is not."""
    return text.replace(f"*{DISCLAIMER}*", "").replace(DISCLAIMER, "").strip()


def summarise(text: str, orders: str) -> str:
    """The most telling sentences, as a paragraph or as bullets."""
    body = without_disclaimer(text)
    default = 1 if len(sentences(body)) <= 2 else 3 if len(words(body)) < 400 else 5
    limit = _WORDS.search(orders)
    focus = _FOCUS.search(orders)
    chosen = key_sentences(body, wanted_count(orders, default), focus=focus[1] if focus else "")
    if limit:
        while len(chosen) > 1 and sum(len(words(item)) for item in chosen) > int(limit[1]):
            chosen.pop()
    if not chosen:
        return "There is no text to summarise."
    if re.search(r"bullet|key points|list|takeaways|•", orders, re.IGNORECASE):
        return "\n".join(f"- {sentence(item)}" for item in chosen)
    return " ".join(sentence(item) for item in chosen)


def advice(text: str) -> tuple[str, str, str]:
    """(what it is about, what happens next, what to ask) for a customer's message."""
    stems, known = set(content_stems(text)), concepts(text)
    if len(stems & _INTEREST) >= 2 and not known & {"complaint", "refund", "compromised"}:
        return tuple(vocabulary()["advice"]["sales"][1:])  # whoever asks for prices and a demo writes no complaint
    best, top = "", 0.0
    for name, (cues, *_rest) in vocabulary()["advice"].items():
        score = sum(1.0 for cue in cues.split() if cue in known or any(one.startswith(cue) or one == stem(cue) for one in stems)) + (
            0.5 if name in known else 0
        )
        score *= 0.4 if name in ("card", "sales") else 1.0
        if score > top:
            best, top = name, score
    if not best:
        return (
            _UNNAMED,
            "We will look at it and come back to you.",
            "Is there anything else I should know?",
        )
    _, topic, step, question = vocabulary()["advice"][best]
    return topic, step, question


def reply(situation: Situation) -> str:
    """A letter to whoever wrote the material: greeting, what it is about, the facts given, what happens next, a sign-off."""
    message = situation.section("message", "customer", "email", "question", "request", "inquiry", "enquiry", "ticket") or situation.material
    label = situation.section("category", "intent", "topic", "label")
    topic, step, question = advice(message)
    if topic == _UNNAMED and label:
        topic, step, question = advice(option_words(label))
    name = person(message) or _addressed(situation)
    facts = _given_facts(situation, message)
    opening = [f"thank you for writing to us about {topic}.", f"thank you for your message about {topic}."]
    opening = ["thank you for your message."] if topic == _UNNAMED else opening
    is_interested = step == vocabulary()["advice"]["sales"][2]
    if concepts(message) & {"negative", "complaint", "urgent", "failed"} and not is_interested:
        opening = [
            f"thank you for telling us about {topic}, and I am sorry for the trouble.",
            f"I am sorry about the trouble with {topic}.",
        ]
    paragraphs = [
        f"Hello{' ' + name.split()[0] if name else ''},",
        sentence(pick(opening, message)) + ("" if is_interested else _references(message)),
    ]
    paragraphs += [" ".join(sentence(fact) for fact in facts)] if facts else [step]
    if is_interested and headcount(message) is not None:
        question = "Which day would suit you to speak about it?"
    paragraphs += [question] if not facts or is_interested or "?" in message else []
    paragraphs += [f"Kind regards,\n{_signature(situation.orders)}"]
    return "\n\n".join(paragraphs)


def _addressed(situation: Situation) -> str:
    """The name that the request itself gives, such as: Draft a reply to the customer Ada Byron."""
    if given := situation.section("name"):
        return given.split("\n")[0].strip()
    found = _RECEIVER.search(situation.ask)
    return found[1] if found else ""


def _references(message: str) -> str:
    found = [item[0] for item in REFERENCE.finditer(message)][:1] + [f"the amount of {value:,}" for value in amounts(message)[:1]]
    found += [day.strftime("%-d %B %Y") for day in dates(message)[:1]]
    return f" I have noted {join(found)}." if found else ""


def _given_facts(situation: Situation, message: str) -> list[str]:
    """Sentences of the other material and of the instructions' knowledge that fit the message best."""
    skip = ("message", "customer", "email", "question", "request", "category", "intent", "topic", "label", "ticket", "name", "text")
    sources = [part.text for part in situation.sections if not any(word in part.label.lower() for word in skip)]
    found = [item for text in sources for item in key_sentences(without_disclaimer(text), 2, focus=message)]
    return [plain(item) for item in found][:4]


def _signature(orders: str) -> str:
    if found := SIGN.search(orders):
        return found[1].strip()
    company = _TEAM.search(orders)
    return f"The {company[1]} team" if company else "The support team"


def questions(situation: Situation) -> str:
    """Numbered questions about a topic."""
    topic, shapes = topic_of(situation), vocabulary()["questions"]
    count = wanted_count(f"{situation.ask}\n{situation.system}", 3, most=len(shapes))
    return "\n".join(f"{number}. {shape.format(topic=topic)}" for number, shape in enumerate(shapes[:count], start=1))


def letter(situation: Situation) -> str:
    """A message to somebody about something, where there is none to reply to."""
    asked = situation.ask or situation.latest
    to, about = _TO.search(asked), _ABOUT.search(asked)
    topic = about[1].strip(" .?!") if about else "the matter we spoke of"
    receiver = re.sub(r"^(?:my|our|the|a)\s+", "", to[1], flags=re.IGNORECASE) if to else ""
    greeting = f"Dear {receiver}," if receiver else "Hello,"
    middle = pick(
        (
            f"I am writing about {topic}. Please let me know how we can settle this, and by when.",
            f"this is about {topic}. Could you tell me what happens next, and whether you need anything from me?",
        ),
        asked,
    )
    return f"{greeting}\n\n{sentence(middle)}\n\nThank you for your help. I look forward to your answer.\n\nKind regards,\n[your name]"


def topic_of(situation: Situation, *, with_article: bool = False) -> str:
    """What a brief, a list or a text is to be about."""
    if named := situation.section("topic", "subject", "question", "title", "brief on", "about"):
        return named.split("\n")[0].strip().rstrip(".?!")
    found = re.search(r"\b(?:about|on|into|regarding|of|for)\s+([^.?!\n:]{3,120})", situation.ask or situation.latest, re.IGNORECASE)
    text = found[1] if found else next(iter(sentences(situation.latest)), "this topic")
    topic = clip(text.strip().rstrip(".?!:"), 90)
    return topic if with_article else re.sub(r"^(?:the|a|an|our) ", "", topic, flags=re.IGNORECASE)


def title(text: str) -> str:
    """With a capital at the start."""
    return text[:1].upper() + text[1:]


def ideas(situation: Situation) -> str:
    """A numbered list of openings on a topic."""
    topic = topic_of(situation)
    shapes = vocabulary()["ideas"]
    count = wanted_count(situation.orders + situation.latest, 5, most=len(shapes))
    start = int(pick([str(number) for number in range(len(shapes))], topic))
    chosen = [shapes[(start + step) % len(shapes)] for step in range(count)]
    return "\n".join(f"{number}. {title(shape.format(topic=topic))}" for number, shape in enumerate(chosen, start=1))


def answer(situation: Situation) -> str:
    """Answer a question from what was given: the material, the instructions, what the person told earlier. Otherwise say what one is."""
    question = situation.ask or situation.latest
    if not words(question):
        return "There is nothing to answer yet. Write a question, or give me a text to work on."
    is_alone = not situation.ask and len(situation.sections) < 2  # nothing is asked about it
    given = [] if is_alone else [part.text for part in situation.sections]
    if _is_question(question):
        told = [one for message in situation.history if message.role == "user" for one in sentences(message.content)]
        given += [situation.system, "\n".join(one for one in told if not _is_question(one) and not is_order(one))]
    for source in given:
        if source and source != question and (found := best_sentence(question, without_disclaimer(source))):
            return sentence(found)
    if _SUM.search(question):
        return "I do not calculate in my head. Give me the tool Calculator, under Tools, and ask again."
    return beyond_me(situation)


def _is_question(text: str) -> bool:
    first = words(text)[:1]
    return "?" in text or (bool(first) and first[0] in _ASKING)


def beyond_me(situation: Situation) -> str:
    """What one is, what was wanted (the newest message only), and what would help."""
    wanted = clip(plain(_TAGS.sub(" ", situation.ask or situation.latest)), 120) or "that"
    return (
        f"I am the built-in demo model: I work offline and know only what stands in this conversation, so I cannot do “{wanted}”.\n\n"
        "Give me a text to summarise, sort, extract from or reply to. For free questions and writing, connect a provider's key under "
        "Settings → Credentials and choose one of its models."
    )


def small_talk(question: str, system: str) -> str | None:
    """What is said to a greeting, to thanks, and to who one is; None for anything else."""
    said = words(question)
    role = next((item for item in sentences(system) if re.match(r"(?:you are|act as|your role)", item, re.IGNORECASE)), "")
    role = re.sub(r"^(?:you are|act as|your role is(?: to be)?)\s+", "", role, flags=re.IGNORECASE).rstrip(".")
    if re.search(r"\bwho are you|what are you|what can you do|your role|help me with\b", question, re.IGNORECASE):
        start = f"I am {role}, played by a demo model." if role else "I am a demo model."
        return f"{start} I can summarise a text, sort it into categories, pull out fields, draft a reply, and use the tools I was given."
    if len(said) <= 5 and set(said) & {"hi", "hello", "hey", "morning", "evening"}:
        return f"Hello! I am {role}. What can I do for you?" if role else "Hello! What can I do for you?"
    if len(said) <= 6 and set(said) & {"thanks", "thank", "cheers"}:
        return pick(("You are welcome.", "Gladly. Anything else?", "My pleasure."), question)
    return None
