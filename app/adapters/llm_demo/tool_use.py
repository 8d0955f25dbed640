"""When a demo model calls which tool, with which arguments."""

import ast
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.adapters.llm_demo import facts
from app.adapters.llm_demo.concepts import concepts
from app.adapters.llm_demo.fields import FieldFiller
from app.adapters.llm_demo.language import content_stems, sentences, stem, words
from app.adapters.llm_demo.reading import Situation
from app.adapters.llm_demo.tool_answers import ASKING, CALCULATING, QUERYING, READING_PAGES, TELLING_TIME, is_about
from engine.ports import ToolSchema

_SPOKEN = (
    (r"\bplus\b", "+"),
    (r"\bminus\b", "-"),
    (r"\b(?:times|multiplied by)\b|[\u00d7\u00b7]", "*"),
    (r"\b(?:divided by|over)\b|\u00f7", "/"),
    (r"\bto the power of\b|\^", "**"),
    (r"(?<=\d)\s*[xX]\s*(?=\d)", "*"),
    (r"(?<=\d),(?=\d{3}\b)", ""),
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent) of (\d[\d,]*(?:\.\d+)?)", re.IGNORECASE)
_SUM = re.compile(r"[-(]*\s*\d[\d.]*\s*\)*(?:\s*(?:\*\*|[-+*/%])\s*[-(\s]*\d[\d.]*\s*\)*)+")
_DATE_CUE = re.compile(
    r"\b(?:what(?:'s| is)?|tell me|current|today'?s?|which)\b[^.?!]{0,40}\b(?:date|day|time|year|month|week(?:day)?|clock)\b"
    r"|\b(?:days?|weeks?|months?) (?:until|till|to|between|since|from now|from today|ago)\b|\bin \d+ (?:days|weeks|months)\b"
    r"|\bis it now\b|\bright now\b|\btoday\b\??$|\btomorrow\b",
    re.IGNORECASE,
)
MAX_EXPRESSION = 300
_COURTESIES = concepts("Ask Hand over to an agent who helps with questions, expert, specialist, team, please")
_JSON_CUE = re.compile(r"\b(?:json|field|key|value|path|jmespath|query|object|array)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A tool to call with its arguments."""

    name: str
    arguments: dict[str, Any]


def wishes(situation: Situation, tools: Sequence[ToolSchema]) -> list[Wish]:
    """The tools to call now; none once tools have answered in this turn."""
    if situation.answers or not situation.latest.strip():
        return []
    found = [wish for tool in tools if (wish := _wish(situation, tool))]
    return found[:4]


def _wish(situation: Situation, tool: ToolSchema) -> Wish | None:
    return next((builder(situation, tool) for cues, builder in _BUILDERS if is_about(tool.name, cues)), None) or _other(situation, tool)


def _argument(tool: ToolSchema, *names: str) -> str:
    """The parameter that one of the names fits best, else the first required text, else the first."""
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    for name in names:
        for key in properties:
            if name in key.lower():
                return key
    texts = [key for key in tool.parameters.get("required", []) if properties.get(key, {}).get("type", "string") == "string"]
    return next(iter([*texts, *properties]), names[0])


def _complete(situation: Situation, tool: ToolSchema, given: dict[str, Any]) -> dict[str, Any]:
    """Add the other required parameters, read from the conversation."""
    missing = [key for key in tool.parameters.get("required", []) if key not in given]
    if not missing:
        return given
    schema = {
        **tool.parameters,
        "properties": {key: tool.parameters.get("properties", {}).get(key, {}) for key in missing},
        "required": missing,
    }
    filled = FieldFiller(schema, situation).fill()
    return {**(filled if isinstance(filled, dict) else {}), **given}


def sum_in(text: str) -> str | None:
    """The arithmetic in a text as an expression, or None."""
    if percent := _PERCENT.search(text):
        return f"{percent[2].replace(',', '')} * {percent[1]} / 100"
    spoken = re.sub(r"\b\d{4}-\d{2}-\d{2}\b|\+?\d{2,}(?:[ -]\d{2,}){2,}", " ", text)
    for pattern, sign in _SPOKEN:
        spoken = re.sub(pattern, sign, spoken, flags=re.IGNORECASE)
    for found in sorted(_SUM.findall(spoken), key=len, reverse=True):
        expression = " ".join(found.split())
        while expression.count(")") > expression.count("(") and expression.endswith(")"):
            expression = expression[:-1].rstrip()
        expression = expression[expression.count("(") - expression.count(")") :] if expression.startswith("(") else expression
        if len(expression) > MAX_EXPRESSION:
            continue
        try:
            ast.parse(expression.strip(), mode="eval")
        except SyntaxError:
            continue
        return expression.strip()
    return None


def _calculator(situation: Situation, tool: ToolSchema) -> Wish | None:
    expression = sum_in(situation.latest)
    if not expression:
        return None
    return Wish(tool.name, _complete(situation, tool, {_argument(tool, "expression", "formula", "input"): expression}))


def _clock(situation: Situation, tool: ToolSchema) -> Wish | None:
    asked = situation.latest
    if not _DATE_CUE.search(asked):
        return None
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    given: dict[str, Any] = {}
    zone = re.search(r"\b([A-Z][a-z]+/[A-Z][A-Za-z_]+|UTC)\b", asked)
    if zone and (key := next((key for key in properties if "zone" in key.lower() or key == "tz"), "")):
        given[key] = zone[1]
    given |= _date_arithmetic(asked, properties)
    if "now" in properties.get("operation", {}).get("enum", []):
        given.setdefault("operation", "now")
    return Wish(tool.name, _complete(situation, tool, given))


def _date_arithmetic(asked: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Arguments for `how many days until 2026-12-24` and `which date is in 90 days`, where the tool can do that."""
    operations = properties.get("operation", {}).get("enum", [])
    days = facts.dates(asked)
    if days and "difference" in operations:
        start = {"moment": days[0].isoformat()} if len(days) > 1 else {}
        return {"operation": "difference", **start, "other": days[-1].isoformat()}
    shift = re.search(r"\b(\d{1,5}) (day|week|month|year|hour)s?\b(.{0,12}\bago\b)?", asked)
    if shift and "add" in operations and f"{shift[2]}s" in properties:
        return {"operation": "add", f"{shift[2]}s": -int(shift[1]) if shift[3] else int(shift[1])}
    if "add" in operations and "days" in properties and re.search(r"\btomorrow\b", asked, re.IGNORECASE):
        return {"operation": "add", "days": 1}
    return {}


def _web(situation: Situation, tool: ToolSchema) -> Wish | None:
    url = facts.URL.search(situation.latest)
    return Wish(tool.name, _complete(situation, tool, {_argument(tool, "url", "address", "link"): url[0]})) if url else None


def _json(situation: Situation, tool: ToolSchema) -> Wish | None:
    value = facts.embedded_json(situation.latest)
    if value is None:
        return None
    ask = re.sub(r"[{\[].*[}\]]", " ", situation.latest, flags=re.DOTALL)
    path = path_for(ask, value)
    if not path and not _JSON_CUE.search(ask):
        return None
    properties = tool.parameters.get("properties", {})
    query = next((key for key in properties if re.search(r"query|expression|path|jmes|select", key)), "query")
    holder = next((key for key in properties if key != query and re.search(r"json|data|document|input|value|object", key)), "")
    given: dict[str, Any] = {query: path or "@"}
    if holder:
        given[holder] = json.dumps(value, ensure_ascii=False) if properties[holder].get("type") == "string" else value
    return Wish(tool.name, _complete(situation, tool, given))


def _colleague(situation: Situation, tool: ToolSchema) -> Wish | None:
    """Another agent: asked when the request speaks of what its role is about; a conversation that was passed on stays where it is."""
    asked = situation.latest
    if "handed this conversation over to you" in asked:
        return None
    about = concepts(tool.description.partition(" ")[2]) - _COURTESIES
    if not about & concepts(asked) and tool.name not in asked:
        return None
    return Wish(tool.name, _complete(situation, tool, {_argument(tool, "message", "reason", "task"): " ".join(sentences(asked))}))


def path_for(question: str, value: Any) -> str | None:
    """The path of the key that the question names, such as `order.items[*].price`."""
    wanted = {stem(word) for word in words(question)}
    best, top = None, 0
    for path, leaf in _paths(value, "", depth=0):
        score = 2 * len({stem(word) for word in words(leaf.replace("_", " "))} & wanted)
        score += sum(1 for part in re.split(r"[.\[\]*]+", path) if part and stem(part.lower()) in wanted)
        if score > top:
            best, top = path, score
    return best


def _paths(value: Any, prefix: str, *, depth: int) -> list[tuple[str, str]]:
    if depth > 6:
        return []
    if isinstance(value, list):
        return _paths(value[0], f"{prefix}[*]", depth=depth + 1) if value else []
    if not isinstance(value, dict):
        return []
    found: list[tuple[str, str]] = []
    for key, item in list(value.items())[:50]:
        name = key if re.fullmatch(r"[A-Za-z_]\w*", key) else json.dumps(key)
        path = f"{prefix}.{name}" if prefix else name
        found.append((path, key))
        found += _paths(item, path, depth=depth + 1)
    return found


def _other(situation: Situation, tool: ToolSchema) -> Wish | None:
    """A tool of the workspace's own: called when the request speaks its name, or clearly of what it is for."""
    said = set(content_stems(situation.latest))
    name = set(content_stems(tool.name.replace("_", " ").replace("-", " ")))
    about = set(content_stems(tool.description))
    if any(is_about(tool.name, cues) for cues, _ in _BUILDERS):
        return None
    spoken = re.search(rf"\b{re.escape(tool.name)}\b", situation.latest)
    if spoken or (name and name <= said) or len((about | name) & said) >= 3:
        return Wish(tool.name, _complete(situation, tool, {}))
    return None


_BUILDERS: tuple[tuple[tuple[str, ...], Callable[[Situation, ToolSchema], Wish | None]], ...] = (
    (CALCULATING, _calculator),
    (TELLING_TIME, _clock),
    (READING_PAGES, _web),
    (QUERYING, _json),
    (ASKING, _colleague),
)
