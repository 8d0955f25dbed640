"""How a demo model puts what tools answered into words and values."""

import json
import re
from typing import Any

from app.adapters.llm_demo import facts
from app.adapters.llm_demo.language import join, key_sentences, sentence, sentences
from app.adapters.llm_demo.reading import Situation, ToolAnswer

# How the names of tools of one kind begin.
CALCULATING = ("calc", "arithmetic", "math")
TELLING_TIME = ("date", "clock", "time", "now")
READING_PAGES = ("fetch", "web", "http", "url", "browse")
QUERYING = ("json", "jmes")
ASKING = ("ask", "hand")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?")


def is_about(name: str, cues: tuple[str, ...]) -> bool:
    """Whether a part of the tool's name begins with one of the cues."""
    return any(part.startswith(cues) for part in re.split(r"[^a-z0-9]+", name.lower()))


def in_words(situation: Situation) -> str:
    """What the tools answered, as an answer to the question."""
    return "\n\n".join(_one(situation, answer) for answer in situation.answers)


def told_number(situation: Situation) -> float | int | None:
    """The number that the last tool gave, if what matters in its answer is one."""
    told = _main(_value(situation.answers[-1].content)) if situation.answers else None
    if isinstance(told, str) and _NUMBER.fullmatch(told.strip()):
        told = json.loads(told.strip())
    return told if isinstance(told, int | float) and not isinstance(told, bool) else None


def _one(situation: Situation, answer: ToolAnswer) -> str:
    value = _value(answer.content)
    given = _value(answer.arguments)
    arguments = given if isinstance(given, dict) else {}
    if error := _error(value, answer.content):
        return f"The tool {answer.name} could not help: {sentence(error)}"
    if is_about(answer.name, CALCULATING):
        expression = next((str(item) for item in arguments.values() if isinstance(item, str)), "The result")
        return f"{expression} = {_short(_main(value))}."
    if is_about(answer.name, TELLING_TIME):
        return _moment(value, arguments)
    if is_about(answer.name, READING_PAGES):
        return _page(situation, value, arguments)
    if is_about(answer.name, ASKING):
        who = re.sub(r"^ask_", "", answer.name).replace("_", " ").capitalize()
        return f"{who} says: {_short(_main(value))}"
    if is_about(answer.name, QUERYING):
        path = next((str(item) for item in arguments.values() if isinstance(item, str) and "{" not in item), "the value")
        return f"`{path}` is {_short(_main(value))}."
    return _lines(f"{answer.name} answered", value) if isinstance(value, dict) else f"{answer.name} answered: {_short(value)}"


def _moment(value: Any, arguments: dict[str, Any]) -> str:
    if not isinstance(value, dict):
        return f"It is {_short(value)}."
    if "calendar_days" in value:
        number = abs(int(value["calendar_days"]))
        return f"That is {number} day{'' if number == 1 else 's'}{' ago' if value['calendar_days'] < 0 else ''}."
    days = facts.dates(str(value.get("date") or value.get("iso") or ""))
    if not days:
        return _lines("Here is the date and time", value)
    verb = "It is" if arguments.get("operation", "now") == "now" else "That is"
    clock = f", {str(value['time'])[:5]}" if "time" in value and verb == "It is" else ""
    zone = f" ({value['timezone']})" if clock and value.get("timezone") else ""
    return f"{verb} {days[0].strftime('%A, %-d %B %Y')}{clock}{zone}."


def _page(situation: Situation, value: Any, arguments: dict[str, Any]) -> str:
    text = value.get("text") or value.get("content") or value.get("body") if isinstance(value, dict) else value
    title = value.get("title") if isinstance(value, dict) else None
    url = next((str(item) for item in arguments.values() if str(item).startswith("http")), "the page")
    points = key_sentences(re.sub(r"<[^>]+>", " ", str(text or "")), 3, focus=facts.URL.sub(" ", situation.latest))
    if not points:
        return f"{url} holds no text that I could read."
    return f"{title or url} says:\n\n" + "\n".join(f"- {sentence(point)}" for point in points) + (f"\n\nSource: {url}" if title else "")


def _value(content: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content


def _error(value: Any, content: str) -> str:
    if isinstance(value, dict) and value.get("error"):
        error = value["error"]
        return str(error.get("message", error)) if isinstance(error, dict) else str(error)
    found = re.match(r"(?:error|failed)\b[:\s]*(.*)", content, re.IGNORECASE)
    return found[1] or content if found else ""


def _main(value: Any) -> Any:
    """The value that matters in a tool's answer."""
    if isinstance(value, dict):
        for key in ("result", "value", "answer", "output", "text", "iso", "now"):
            if key in value:
                return value[key]
        if len(value) == 1:
            return next(iter(value.values()))
    return value


def _short(value: Any) -> str:
    if isinstance(value, list) and value and all(not isinstance(item, dict | list) for item in value):
        return join([str(item) for item in value[:20]])
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dict | list):
        return f"`{json.dumps(value, ensure_ascii=False)[:600]}`"
    return " ".join(sentences(value))[:600] if isinstance(value, str) and len(value) > 600 else str(value)


def _lines(lead: str, value: dict[str, Any]) -> str:
    return f"{lead}:\n\n" + "\n".join(f"- {key.replace('_', ' ')}: {_short(item)}" for key, item in list(value.items())[:12])
