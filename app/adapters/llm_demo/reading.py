"""Reads a conversation for the demo models: what is asked, which material is given, which options are listed, which tools answered."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from app.adapters.llm_demo.classify import Option
from app.adapters.llm_demo.language import plain, sentences, vocabulary, words
from engine.ports import Message, ModelRequest

_FENCE = re.compile(r"```[\w-]*\n(.*?)```|\"\"\"(.*?)\"\"\"", re.DOTALL)
_TAG = re.compile(r"<([A-Za-z][\w-]{1,40})>")
_LABEL = re.compile(r"^\s*(?:#{1,4}\s*)?(?:\*\*)?([A-Za-z][\w '\u2019/()&-]{1,48}?)(?:\*\*)?\s*:(?:\*\*)?[ \t]*(.*)$")
_INLINE = re.compile(r"\s*([^:\n]{3,80}):[ \t]+(.+)$", re.DOTALL)
_HEADING = re.compile(r"^\s*#{1,4}\s+(.{2,80})$")
_ORDERS = frozenset(vocabulary()["orders"].split())
_OR_ROW = re.compile(r"`?[\"']?[\w-]+[\"']?`?(?:\s*,\s*`?[\"']?[\w-]+[\"']?`?)*\s*,?\s+or\s+`?[\"']?[\w-]+[\"']?`?")
_TAIL = re.compile(r"(?::|\bone of|\beither|\binto|\bbetween|\bas)\s+(?!one of|either)(.+)$", re.IGNORECASE)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+[`\"'*]*([^`\"'*:\n]{1,60}?)[`\"'*]*\s*(?:(?::|\s[-–—])\s*(.*))?$")  # noqa: RUF001 - dashes people type
_LEAD = re.compile(
    r"categor|label|option|class|intent|one of|choose|topic|department|\bteam|queue|\binto\b|one word|sort|route|either|is (?:this|it)",
    re.IGNORECASE,
)
_NOT_OPTION = re.compile(r"\b(?:the|your|their|its|you|must|should|always|never|please|if)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A labelled part of what was given, such as `Customer message`."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a tool returned in this turn, with the call it answers."""

    name: str
    arguments: str
    content: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a demo model needs to know to answer."""

    system: str
    ask: str  # what the person or prompt wants, without the material
    latest: str  # the last user message as it stands
    sections: tuple[Section, ...]
    history: tuple[Message, ...]
    answers: tuple[ToolAnswer, ...]
    options: tuple[Option, ...] = field(default=())

    @property
    def orders(self) -> str:
        """All instructions together."""
        return f"{self.system}\n{self.ask}"

    @property
    def material(self) -> str:
        """All given text, without its labels; the last message when it is nothing but text."""
        return "\n\n".join(section.text for section in self.sections) if self._is_divided else self.latest

    @property
    def labelled_material(self) -> str:
        """The same with its labels, for looking up values by their name."""
        if not self._is_divided:
            return self.latest
        return "\n\n".join(part.text if part.label == "text" else f"{part.label}: {part.text}" for part in self.sections)

    @property
    def _is_divided(self) -> bool:
        """Whether the labelled parts are the material, rather than a few fields below a longer text."""
        given = sum(len(words(section.text)) for section in self.sections)
        return given > 0 and (is_order(self.ask) or given >= len(words(self.ask)))

    def section(self, *names: str) -> str:
        """The text of the first section whose label holds one of the words."""
        return next((part.text for part in self.sections if any(name in part.label.lower() for name in names)), "")


def read(request: ModelRequest) -> Situation:
    """Take the conversation apart."""
    system = "\n".join(message.content for message in request.messages if message.role == "system")
    turns = [message for message in request.messages if message.role != "system"]
    last = max((index for index, message in enumerate(turns) if message.role == "user"), default=-1)
    latest = turns[last].content if last >= 0 else ""
    ask, sections = split(latest)
    if not sections and _has_standing_orders(system) and not is_order(latest):
        ask, sections = "", [Section("message", latest)]
    return Situation(
        system=system,
        ask=ask,
        latest=latest,
        sections=tuple(sections),
        history=tuple(turns[: max(last, 0)]),
        answers=_answers(turns[last + 1 :]),
        options=tuple(find_options(f"{system}\n{ask}") or find_options(latest)),
    )


def _has_standing_orders(system: str) -> bool:
    """Whether the system prompt says what to do with whatever the user sends."""
    return any(is_order(line) for line in sentences(system))


def is_order(text: str) -> bool:
    """Whether a text begins like an instruction or a question."""
    first = words(text)[:1]
    return bool(first) and first[0] in _ORDERS


def _untagged(text: str, keep: Callable[[str, str], str]) -> str:
    """The text with what stands in tags, such as <letter>...</letter>, handed to `keep`; a tag that nobody closes is text."""
    kept: list[str] = []
    done = 0
    unclosed: set[str] = set()
    for tag in _TAG.finditer(text):
        name = tag[1]
        if tag.start() < done or name in unclosed:
            continue
        end = text.find(f"</{name}>", tag.end())
        if end < 0:
            unclosed.add(name)
            continue
        kept += [text[done : tag.start()], keep(name, text[tag.end() : end])]
        done = end + len(name) + 3
    return "".join([*kept, text[done:]])


def split(text: str) -> tuple[str, list[Section]]:
    """Part a prompt into what it asks and the labelled, quoted or tagged material it carries."""
    sections: list[Section] = []

    def keep(label: str, content: str) -> str:
        sections.append(Section(label, content.strip()))
        return "\n"

    rest = _FENCE.sub(lambda found: keep("text", found[1] or found[2] or ""), text)
    rest = _untagged(rest, keep)
    ask: list[str] = []
    label, lines = "", list[str]()

    def close() -> None:
        if label and any(line.strip() for line in lines):
            sections.append(Section(label, "\n".join(lines).strip()))

    for line in rest.split("\n"):
        heading = _HEADING.match(line)
        found = _LABEL.match(line) if not heading else None
        if heading or (found and not _is_listing_label(found[1], found[2])):
            close()
            label, lines = (heading[1], []) if heading else (found[1], [found[2]]) if found else ("", [])
        elif label and not (not line.strip() and lines and lines[-1].strip() == "" and is_order(line)):
            lines.append(line)
        else:
            ask.append(line)
    close()
    order, _, following = "\n".join(ask).strip().partition(":\n")
    if following.strip() and not sections and "\n" not in order:
        return f"{order}.", [Section("text", following.strip())]
    inline = _INLINE.match(order) if not sections else None
    if inline and is_order(inline[1]) and not _is_listing(inline[1], inline[2]) and len(words(inline[2])) >= 2:
        return f"{inline[1]}.", [Section("text", inline[2].strip())]
    return "\n".join(ask).strip(), sections


def _is_listing(label: str, rest: str) -> bool:
    """`Choose one of:` and `Categories: a, b` name options."""
    return bool(_LEAD.search(label.lower())) and (not rest.strip() or bool(re.search(r"[,|/]|\bor\b", rest)))


def _is_listing_label(label: str, rest: str) -> bool:
    """Whether a labelled line belongs to what is asked rather than to the material."""
    is_remark = not rest and label.lower() in ("note", "rules", "steps")
    return _is_listing(label, rest) or is_order(label) or len(words(label)) > 6 or is_remark


def find_options(text: str) -> list[Option]:
    """Options listed as bullets below a leading line, or in a row after `one of:` and the like."""
    if options := _bulleted(text):
        return options
    for line in text.split("\n"):
        for part in re.split(r"(?<=[a-z)\"'`])[.!]\s", line):
            if len(values := _listed(part)) >= 2:
                return [Option(value) for value in values]
    return []


def _listed(part: str) -> list[str]:
    """Values named in one sentence, such as `Answer with refund, delivery or account`."""
    if not _LEAD.search(part) or "json" in part.lower():
        return []
    tail, values = part, list[str]()
    while found := _TAIL.search(tail):
        tail = found[1]
        values = inner if len(inner := _row(tail)) >= 2 else values
    if values:
        return values
    row = _OR_ROW.search(part)
    return _row(row[0]) if row and "," in row[0] else []


def _bulleted(text: str) -> list[Option]:
    lead, options = "", list[Option]()
    for line in text.split("\n"):
        item = _ITEM.match(line)
        if item and _LEAD.search(lead) and len(item[1].split()) <= 5:
            options.append(Option(item[1].strip(), (item[2] or "").strip()))
        elif line.strip():
            if len(options) >= 2:
                break
            lead, options = line, []
    return options if len(options) >= 2 else []


def item_texts(text: str) -> dict[str, str]:
    """What stands behind each list item that has a name: `- outage: the site is down`."""
    items = [item for line in text.split("\n") if (item := _ITEM.match(line))]
    return {item[1].strip(): item[2].strip() for item in items if item[2]}


def _row(text: str) -> list[str]:
    cleaned = re.sub(r"\([^)]*\)", "", text)
    parts = re.split(r"\s*[,;|/]\s*(?:(?:or|and)\s+)?|\s+(?:or|and)\s+", cleaned)
    values = [plain(part).strip(" `\"'.:*[]{}?!") for part in parts]
    values = [value for value in values if value]
    while values and len(values[-1].split()) > 4:
        values.pop()
    if any(len(value.split()) > 4 or _NOT_OPTION.search(value) for value in values):
        return []
    return list(dict.fromkeys(values))


def _answers(after: list[Message]) -> tuple[ToolAnswer, ...]:
    calls = {call.id: call for message in after for call in message.tool_calls}
    found = []
    for message in after:
        if message.role == "tool":
            call = calls.get(message.tool_call_id or "")
            name = message.name or (call.name if call else "tool")
            found.append(ToolAnswer(name, call.arguments if call else "{}", message.content))
    return tuple(found)
