"""Fills the fields of a JSON Schema from a text; whatever the text does not say gets the plainest value the schema allows."""

import json
import re
from typing import Any

from jsonschema import Draft202012Validator

from app.adapters.llm_demo import documents, facts
from app.adapters.llm_demo.classify import Option, choose, option_words, rank
from app.adapters.llm_demo.concepts import concepts, mood
from app.adapters.llm_demo.language import clip, key_sentences, keywords, sentence, sentences, words
from app.adapters.llm_demo.minutes import BY_WHEN, actions, decisions
from app.adapters.llm_demo.prose import advice, reply, summarise
from app.adapters.llm_demo.reading import Situation, item_texts
from app.adapters.llm_demo.schemas import MAX_DEPTH, first_enum, fit_number, fit_text, kind_of, plainest, resolve
from app.adapters.llm_demo.tool_answers import in_words, told_number
from engine.json import JsonSchema, JsonValue

_LADDER = ("none", "low", "minor", "normal", "medium", "moderate", "high", "major", "urgent", "critical")
_STATEMENTS = frozenset(("action", "actions", "task", "tasks", "todo", "todos", "decision", "decisions", "decided"))
_TEMPERATURES = ("cold", "warm", "hot")
_ELSE_NOTHING = re.compile(r"\b0 (?:if|when)\b|\belse 0\b", re.IGNORECASE)
_ELSE = re.compile(r"\b(?:else|otherwise)\s+[`\"']?([\w-]+)", re.IGNORECASE)
_WISH = re.compile(
    r"\b(?:needs?|wants?|would like|'d like|looking for|loses?|losing|struggl\w*|requires?|so that|in order to|hopes?|"
    r"instead of|replac\w*|switch\w*|migrat\w*|must|cannot|can't|too (?:slow|many|much|long|late)|"
    r"(?:contract|licen[cs]e|subscription)[^.]{0,40}\b(?:ends?|expires?|runs out))\b",
    re.IGNORECASE,
)
_OF_ITSELF = re.compile(
    r"^(?:hi|hello)?\W*(?:we|i)(?:'re|\u2019re| are|'m|\u2019m| am) (?:an?|the)\b(?!.*[,;].*\b(?:need|want|look)\w*)", re.IGNORECASE
)
_HAS_A_DAY = re.compile(
    r"\b(?:ends?|ending|expires?|expiring|runs out|renew\w*|starts?|due|deadline|go live|launch)\b[^.\n]{0,30}"
    r"\b(?:in|on|by|at the end of|with|of)\s+(?:the end of )?"
    r"(?:\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|this|next|q[1-4])",
    re.IGNORECASE,
)
_NEEDED_BY = re.compile(
    r"\b(?:need\w*|must|has to|have to|wedding|birthday|flight|travel\w*|leave|leaving)\b[^.!?\n]{0,60}?"
    rf"(?:{BY_WHEN.pattern})",
    re.IGNORECASE,
)
_IDENTIFIERS = frozenset(("id", "number", "reference", "order", "invoice", "ticket"))
_NAMES = frozenset(("company", "contact", "name", "supplier", "person", "customer", "vendor", "organisation", "organization"))


class FieldFiller:
    """Fills one schema from one situation."""

    def __init__(self, schema: JsonSchema, situation: Situation) -> None:
        self._root = schema
        self._situation = situation
        self._text = situation.labelled_material
        self._told = "\n".join(one.content for one in situation.answers)  # what tools answered goes before what was asked

    def fill(self) -> JsonValue:
        """A value that fits the schema; the text only decides as far as the schema allows."""
        value = self._value(self._root, "", depth=0)
        if Draft202012Validator(self._root).is_valid(value):
            return value
        return plainest(self._root, self._root)

    def _value(self, schema: Any, key: str, *, depth: int, text: str | None = None) -> Any:
        schema = resolve(schema, self._root)
        text = self._text if text is None else text
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choice(schema["enum"], key, schema.get("description", ""), text=text)
        kind = kind_of(schema)
        if depth > MAX_DEPTH or kind == "null":
            return plainest(schema, self._root)
        if kind == "object":
            return self._object(schema, depth=depth, text=text)
        if kind == "array":
            return self._array(schema, key, depth=depth, text=text)
        if kind == "boolean":
            return self._flag(key, schema.get("description", ""), text)
        may_be_open = isinstance(schema.get("type"), list) and "null" in schema["type"]
        if kind in ("number", "integer"):
            number = self._number(key, schema, text, may_guess=not may_be_open)
            return None if number is None and may_be_open else fit_number(number or 0, schema, whole=kind == "integer")
        found = self._string(key, schema, text, may_guess=not may_be_open)
        return None if not found and may_be_open else fit_text(found, schema)

    def _object(self, schema: JsonSchema, *, depth: int, text: str) -> dict[str, Any]:
        properties: dict[str, Any] = schema.get("properties", {})
        names = [*properties, *(name for name in schema.get("required", []) if name not in properties)]
        return {name: self._value(properties.get(name, {}), name, depth=depth + 1, text=text) for name in names}

    def _choice(self, values: list[Any], key: str, description: str, *, text: str) -> Any:
        given = facts.by_key(key, text)
        for value in values:
            if given is not None and str(value).lower() == str(given).lower():
                return value
        options = {str(value): value for value in values if value is not None}
        if not options:
            return values[0]
        described = {option.value: option.description for option in self._situation.options} | item_texts(self._situation.orders)
        lowered = {name.lower(): name for name in options}
        if level := _level(list(lowered), text):
            return options[lowered[level]]
        if {"positive", "negative"} <= set(lowered):
            return options[lowered.get(mood(text), lowered["positive"])]
        if set(lowered) == set(_TEMPERATURES):
            return options[lowered[_TEMPERATURES[min(int(self._score({}, text)) // 34, 2)]]]
        told = _told_of(key, self._situation.orders, list(options))
        listed = [Option(name, described.get(name, "") or told.get(name, "")) for name in options]
        return options[choose(text or description, listed, otherwise=told.get("", "")).option.value]

    def _flag(self, key: str, description: str, text: str) -> bool:
        given = facts.by_key(key, text)
        if isinstance(given, bool):
            return given
        if isinstance(given, str) and words(given)[:1]:
            return words(given)[0] in ("yes", "true", "y", "1")
        name, known = option_words(key), concepts(text)
        if set(words(name)) & {"urgent", "escalate", "escalation", "human", "priority", "complaint", "angry", "approval", "manual"}:
            names_a_day = re.search(r"\bdate\b", _line_of(key, self._situation.orders)) and (
                BY_WHEN.search(text) or _HAS_A_DAY.search(text)
            )
            return bool(names_a_day or known & {"urgent", "complaint", "negative", "compromised", "stolen"})
        return facts.speaks_of(name, text) or (not name and facts.speaks_of(description, text))

    def _number(self, key: str, schema: JsonSchema, text: str, *, may_guess: bool = True) -> float | int | None:
        name = set(words(option_words(key)))
        period = next(iter(name & {"notice", "term"}), ""), next(iter(name & {"days", "months"}), "")
        if all(period):
            return documents.duration(*period, text)
        sums = [named for kind in ("net", "tax", "total") if kind in name and (named := documents.named_sum(kind, text)) is not None]
        if sums:
            return sums[0]
        given = facts.by_key(key, text)
        if isinstance(given, int | float) and not isinstance(given, bool):
            return given
        if isinstance(given, str) and (found := facts.numbers(given)):
            return found[0]
        if name & {"confidence", "probability", "certainty", "likelihood"}:
            scale = 100 if schema.get("maximum", 1) > 1 else 1
            return round(self._confidence() * scale, 2)
        if name & {"score", "rating", "rank", "grade", "priority", "fit", "quality"}:
            return self._score(schema, text)
        if (told := told_number(self._situation)) is not None:
            return told
        return self._number_said(name, key, schema, text, may_guess=may_guess)

    def _number_said(self, name: set[str], key: str, schema: JsonSchema, text: str, *, may_guess: bool) -> float | int | None:
        """A number that stands near the field's name, or the first one where a guess does no harm."""
        if name & {"amount", "price", "total", "cost", "sum", "budget", "value", "revenue"} and (sums := facts.amounts(text)):
            return sums[0]
        near = facts.number_near(key, text)
        if near is not None:
            return near
        if name & {"seats", "people", "users"}:
            return facts.headcount(text)
        if name & {"count", "words", "length"}:
            return len(words(text))
        line = _line_of(key, self._situation.orders)
        is_open = not may_guess or bool(_ELSE_NOTHING.search(f"{schema.get('description', '')} {line}"))
        return None if is_open else next(iter(facts.numbers(text)), 0)

    def _confidence(self) -> float:
        options = list(self._situation.options) or [Option(str(value)) for value in first_enum(self._root, self._root)]
        return choose(self._text, options).confidence if options else 0.8

    def _score(self, schema: JsonSchema, text: str) -> float | int:
        """Between the limits, by how good or how substantial the text sounds; the same text always gets the same score."""
        low, high = schema.get("minimum", 0), schema.get("maximum", 100)
        known, detail = concepts(text), min(len(words(text)) / 80, 1.0)
        big = max((number for number in facts.numbers(text) if number > 0), default=0)
        share = 0.4 + 0.2 * ("positive" in known) + 0.15 * ("sales" in known) - 0.25 * ("negative" in known) + 0.15 * detail
        share += 0.2 if big >= 1000 else 0.1 if big >= 100 else 0.0
        return round(low + (high - low) * min(max(share, 0.05), 0.95))

    def _string(self, key: str, schema: JsonSchema, text: str, *, may_guess: bool = True) -> str:
        name = set(words(option_words(key)))
        if name & {"order", "invoice", "ticket"} and (numbered := documents.number_called(name, text)):
            return numbered
        given = facts.by_key(key, text)
        form = schema.get("format", "")
        if given is not None and not isinstance(given, dict | list):
            return _as_named(name, str(given), is_date=form == "date")
        if shaped := by_shape(form, key, self._told) or by_shape(form, key, text):
            return shaped
        return self._written(name, key, schema, text) if may_guess else ""

    def _written(self, name: set[str], key: str, schema: JsonSchema, text: str) -> str:
        """Fields that are to be written rather than found."""
        hint = f"{option_words(key)} {schema.get('description', '')}"
        if name & {"category", "label", "intent", "class", "topic", "department", "queue", "team"} and self._situation.options:
            return choose(text, list(self._situation.options)).option.value
        if name & {"sentiment", "mood", "tone"}:
            return mood(text)
        if self._told and not name & {"title", "subject", "headline", "language", "lang", "locale"}:
            return in_words(self._situation)
        if name & {"reply", "response", "draft", "email", "letter", "message"} and not name & {"id", "subject"}:
            return reply(self._situation)
        if name & {"reason", "reasoning", "explanation", "rationale", "why", "because", "justification"}:
            return self._reason(text)
        if name & {"title", "subject", "headline"}:
            return clip((sentences(text) or [""])[0].rstrip("."), 80)
        if name & {"step", "action", "recommendation", "next"}:
            return advice(text)[1]
        if name & {"language", "lang", "locale"}:
            return "en"
        if name & {"summary", "brief", "abstract", "overview", "text", "answer", "conclusion", "description", "note", "notes", "finding"}:
            settled = [*decisions(text), *actions(text)]
            return summarise("\n".join(settled) if len(settled) >= 2 else text, hint)
        asks = bool(name & {"need", "needs", "goal", "wish", "problem"})
        wished = [item for item in sentences(text) if _WISH.search(item)] if asks else []
        others = [item for item in sentences(text) if not _OF_ITSELF.search(item)] if asks else []
        found = wished or key_sentences("\n".join(others) or text, 1, focus=hint)
        return found[0] if found else ""

    def _reason(self, text: str) -> str:
        options = list(self._situation.options) or [Option(str(value)) for value in first_enum(self._root, self._root)]
        if options and (because := choose(text, options).because):
            return f"The text speaks of {', '.join(because)}."
        return f"Judged by its main point: {sentence(clip((key_sentences(text, 1) or ['there is no text'])[0], 160))}"

    def _array(self, schema: JsonSchema, key: str, *, depth: int, text: str) -> list[Any]:
        item = resolve(schema.get("items", {}), self._root)
        most = 20 if set(words(option_words(key))) & _STATEMENTS else 5
        low, high = schema.get("minItems", 0), min(schema.get("maxItems", most), 50)
        given = facts.by_key(key, text)
        found: list[Any] = []
        if isinstance(given, list):
            found = given[:high]
        elif "enum" in item:
            ranked = [option.value for score, option, _ in rank(text, [Option(str(value)) for value in item["enum"]]) if score > 0.25]
            found = [value for value in item["enum"] if str(value) in ranked[: max(high, 1)]]
        elif kind_of(item) == "object":
            found = [self._value(item, key, depth=depth + 1, text=part) for part in _records(text)[:high]]
        elif kind_of(item) in ("number", "integer"):
            found = [fit_number(number, item, whole=kind_of(item) == "integer") for number in facts.numbers(text)[:high]]
        elif kind_of(item) == "string":
            found = [fit_text(value, item) for value in _strings(key, str(given) if given else "", text=text)[:high]]
        unique = list({json.dumps(value, sort_keys=True, default=str): value for value in found}.values())
        while len(unique) < low and len(unique) < 100:
            unique.append(plainest(item, self._root, turn=len(unique)))
        return unique


def _records(text: str) -> list[str]:
    """The parts of a text that each describe one thing: list items, else lines, else paragraphs."""
    items = [line for line in text.split("\n") if re.match(r"\s*(?:[-*•]|\d+[.)])\s+\S", line)]
    paragraphs = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    return items if len(items) >= 2 else paragraphs


def _strings(key: str, given: str, *, text: str) -> list[str]:
    name = set(words(option_words(key)))
    if given:
        return [part.strip() for part in re.split(r"[,;]", given) if part.strip()]
    if name & {"email", "emails"}:
        return facts.EMAIL.findall(text)
    if name & {"url", "urls", "link", "links", "sources"}:
        return facts.URL.findall(text)
    if name & {"dates", "date", "deadlines"}:
        return [day.isoformat() for day in facts.dates(text)]
    if name & {"tags", "tag", "keywords", "keyword", "topics", "terms", "labels"}:
        names = set(words(f"{facts.person(text) or ''} {' '.join(facts.EMAIL.findall(text))}"))
        return [word for word in keywords(text, 12) if word not in names][:5]
    if name & {"parties", "party", "signatories"}:
        return documents.parties(text)
    if name & {"actions", "action", "tasks", "task", "todos", "todo"}:
        return [sentence(item) for item in actions(text)]
    if name & {"decisions", "decision", "decided"}:
        return [sentence(item) for item in decisions(text)]
    if name & {"questions", "question"}:
        return [item for item in sentences(text) if item.endswith("?")] or [
            f"What matters most about {word}?" for word in keywords(text, 3)
        ]
    return [sentence(item) for item in key_sentences(text, 3, focus=option_words(key))]


def _as_named(name: set[str], given: str, *, is_date: bool) -> str:
    """What stands behind a label, as far as the field means it: `48213. I want` is the order 48213."""
    if is_date:
        return next((day.isoformat() for day in facts.dates(given)), given)
    if name & _IDENTIFIERS and (first := next((part for part in given.split() if any(letter.isdigit() for letter in part)), "")):
        return first.strip(".,;:#()")
    return sentences(given)[0].rstrip(".,;") if name & _NAMES and sentences(given) else given


def _day(name: set[str], text: str) -> str:
    """The first day, or the one that the text calls the start, the end or the due day where the field is called so."""
    for kind, called in (("start", {"start", "begin", "begins"}), ("end", {"end", "ends", "expiry"}), ("due", {"due", "deadline"})):
        if name & called:
            found = documents.date_called(kind, text)
            return found or (next((day.isoformat() for day in facts.dates(text)), "") if kind == "due" else "")
    return next((day.isoformat() for day in facts.dates(text)), "")


def _line_of(key: str, orders: str) -> str:
    """What the instructions say about a field, in a line such as `- seats: how many people, else 0`."""
    found = re.search(rf"^\s*[-*]\s*`?{re.escape(key)}`?\s*:\s*(.+)$", orders, re.MULTILINE) if key else None
    return found[1] if found else ""


def _told_of(key: str, orders: str, values: list[str]) -> dict[str, str]:
    """When which value is meant, as in `- intent: buy if they want to buy, else learn`; under "" what to take otherwise."""
    told: dict[str, str] = {}
    line = _line_of(key, orders)
    for clause in re.split(r"[,;]\s+", line):
        said = re.match(r"[`\"']?([\w-]+)[`\"']?\s+(?:if|when|for)\s+(.+)$", clause.strip())
        if said and said[1] in values:
            told[said[1]] = said[2]
    if (otherwise := _ELSE.search(line)) and otherwise[1] in values:
        told[""] = otherwise[1]
    return told


def _level(values: list[str], text: str) -> str | None:
    """A rank such as low, medium, high for fields like priority or urgency; None for other kinds of choice."""
    ladder = [value for value in _LADDER if value in values]
    if len(ladder) < 2 or len(ladder) < len(values):
        return None
    known = concepts(text)
    weight = 0.35
    weight += 0.35 if known & {"compromised", "stolen", "urgent"} else 0.0
    weight += 0.2 if known & {"negative", "complaint", "failed", "declined"} else 0.0
    weight -= 0.15 if known & {"positive", "why"} else 0.0
    weight += 0.35 if _NEEDED_BY.search(text) else 0.0
    return ladder[min(int(weight * len(ladder)), len(ladder) - 1)]


def by_shape(form: str, key: str, text: str) -> str:
    """A string found by its format or by the kind of thing the key names; empty when there is none."""
    name = set(words(option_words(key)))
    finders = (
        (form in ("email", "idn-email") or name & {"email", "mail"}, lambda: next(iter(facts.EMAIL.findall(text)), "")),
        (form in ("uri", "url", "iri") or name & {"url", "link", "website"}, lambda: next(iter(facts.URL.findall(text)), "")),
        (
            form == "date" or name & {"date", "day", "deadline", "birthday"},
            lambda: _day(name, text),
        ),
        (form == "date-time", lambda: next((f"{day.isoformat()}T00:00:00Z" for day in facts.dates(text)), "")),
        (form == "time" or name == {"time"}, lambda: next((f"{hit[0].zfill(5)}:00" for hit in facts.TIME.finditer(text)), "")),
        (name & {"phone", "telephone", "mobile"}, lambda: next((hit[0].strip() for hit in facts.PHONE.finditer(text)), "")),
        (name & {"company", "organisation", "organization", "employer", "business"}, lambda: facts.company(text) or ""),
        (name & {"city", "country", "place", "location", "destination"}, lambda: facts.place(text) or ""),
        (name & {"supplier", "vendor", "seller", "merchant"}, lambda: documents.supplier(text)),
        (name & _IDENTIFIERS, lambda: documents.number_called(name, text) or next(iter(facts.REFERENCE.findall(text)), "")),
        (name & {"name", "person", "customer", "sender", "author", "contact", "who"}, lambda: facts.person(text) or ""),
        (name & {"currency"}, lambda: next((code for sign, code in _CURRENCIES.items() if sign in text), "")),
    )
    return next((found for applies, find in finders if applies and (found := find())), "")


_CURRENCIES = {"EUR": "EUR", "€": "EUR", "USD": "USD", "$": "USD", "GBP": "GBP", "£": "GBP", "CHF": "CHF", "¥": "JPY"}
