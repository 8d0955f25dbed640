"""YAML as data and nothing else: a reader that refuses everything clever, and a writer whose texts diff well.

The reader builds plain JSON values from parser events with its own stack, so nothing is constructed, nothing recurses and limits
hold before memory is spent. Only true, false, null and decimal numbers are special; `no`, `22:22` and dates stay texts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from engine.errors import Finding, SpecError
from engine.json import JsonValue

MAX_BYTES = 8 * 2**20  # 10,000 nodes with texts make about 3 MB
MAX_DEPTH = 30
MAX_VALUES = 500_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?\Z")
_BIG_INTEGER = 2**63
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what YAML lets no text hold

Mark = tuple[int, int]


@dataclass(slots=True)
class Document:
    """The value and where each part of it stands, by the identity of the list or object that holds it."""

    value: JsonValue
    marks: dict[int, dict[str | int, Mark]] = field(default_factory=dict)

    def place(self, path: Sequence[str | int]) -> tuple[int | None, int | None]:
        """1-based line and column of the deepest part of the path that exists."""
        current: Any = self.value
        found: Mark | None = None
        for part in path:
            found = self.marks.get(id(current), {}).get(part, found)
            try:
                current = current[part]
            except (KeyError, IndexError, TypeError):
                break
        return found or (None, None)


class FlowList(list[Any]):
    """A list that is written on one line."""


def read_yaml(source: str | bytes) -> Document:
    """Read one document; raises SpecError with one finding that has a line, a column and a remedy."""
    text = _decoded(source)
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.YAMLError as error:
        raise _refusal(error, text) from error
    except (RecursionError, ValueError) as error:
        raise _error("The text is not YAML.", "Check its form.", None) from error
    if not reader.has_value:
        raise _error("The document is empty.", "Write or export a blueprint first.", None)
    return Document(reader.value, reader.marks)


def write_yaml(value: JsonValue) -> str:
    """Write a JSON value; keys keep their order, texts with several lines become blocks."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False)


class _Reader:
    """Turns parser events into values, one at a time."""

    def __init__(self) -> None:
        self.value: JsonValue = None
        self.has_value = False
        self.marks: dict[int, dict[str | int, Mark]] = {}
        self._stack: list[Any] = []
        self._keys: list[str | None] = []  # per open object: the key whose value comes next
        self._values = 0

    def take(self, event: yaml.Event) -> None:
        """One event."""
        if isinstance(event, yaml.ScalarEvent):
            self._check_node(event)
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._check_node(event)
            self._open({} if isinstance(event, yaml.MappingStartEvent) else [], event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._stack.pop()
            self._keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            raise _error("References (*name) are not allowed.", "Write the value out.", event)
        elif isinstance(event, yaml.DocumentStartEvent):
            if self.has_value:
                raise _error("There is more than one document.", "Keep one, and remove the line '---'.", event)
            if event.version or event.tags:
                raise _error("Directives (%) are not allowed.", "Remove the line.", event)

    def _check_node(self, event: Any) -> None:
        if event.anchor is not None:
            raise _error("Anchors (&name) are not allowed.", "Remove it, and write the value out where it is used.", event)
        if event.tag is not None:
            raise _error(f"Tags are not allowed: {str(event.tag)[:60]}.", "Remove the word that starts with '!'.", event)
        self._values += 1
        if self._values > MAX_VALUES:
            raise _error(f"The document holds more than {MAX_VALUES:,} values.", "Split it.", event)

    def _open(self, container: Any, event: Any) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise _error(f"The document is nested deeper than {MAX_DEPTH} levels.", "Flatten it.", event)
        self._put(container, event)
        self.marks[id(container)] = {}
        self._stack.append(container)
        self._keys.append(None)

    def _scalar(self, event: Any) -> None:
        if self._stack and isinstance(self._stack[-1], dict) and self._keys[-1] is None:
            self._key(event)
        else:
            self._put(_plain(event) if event.implicit[0] else event.value, event)

    def _key(self, event: Any) -> None:
        key = event.value
        if event.implicit[0] and key in ("<<", ""):
            what = "Merge keys (<<)" if key else "Empty keys"
            raise _error(f"{what} are not allowed.", "Write the fields out.", event)
        if key in self._stack[-1]:
            raise _error(f"The field '{key[:60]}' stands here twice.", "Remove one of them.", event)
        self.marks[id(self._stack[-1])][key] = _mark(event)
        self._keys[-1] = key

    def _put(self, value: Any, event: Any) -> None:
        if not self._stack:
            self.value, self.has_value = value, True
            return
        holder = self._stack[-1]
        if isinstance(holder, list):
            self.marks[id(holder)][len(holder)] = _mark(event)
            holder.append(value)
            return
        key = self._keys[-1]
        if key is None:
            raise _error("A key must be a text.", "Use a plain word as the key.", event)
        holder[key] = value
        self._keys[-1] = None


def _plain(event: Any) -> JsonValue:
    text: str = event.value
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.match(text):
        if len(text) > 20 or not -_BIG_INTEGER <= int(text) < _BIG_INTEGER:
            raise _error("The whole number does not fit into 64 bits.", "Put it in quotes to keep it as a text.", event)
        return int(text)
    if _FLOAT.match(text):
        number = float(text) if len(text) <= 400 else float("inf")
        if number in (float("inf"), float("-inf")):
            raise _error("The number is too large.", "Put it in quotes to keep it as a text.", event)
        return number
    return text


def _decoded(source: str | bytes) -> str:
    if len(source) > MAX_BYTES:
        raise _error(f"The document is larger than {MAX_BYTES // 2**20} MiB.", "Split it.", None)
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source.removeprefix("\ufeff")
        text.encode()
    except UnicodeError as error:
        raise _error("The document is not UTF-8 text.", "Choose the YAML file of a blueprint, saved as UTF-8.", None) from error
    return text


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _error(message: str, remedy: str, event: Any) -> SpecError:
    line, column = _mark(event) if event is not None else (None, None)
    return SpecError([Finding("invalid_yaml", message, remedy, line=line, column=column)])


def _refusal(error: yaml.YAMLError, text: str) -> SpecError:
    if isinstance(error, yaml.reader.ReaderError) and (found := _UNREADABLE.search(text)):
        return _unreadable(text, found)
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read")
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
    written = text.split("\n")[line - 1][: column or 0] if line is not None and line <= text.count("\n") + 1 else ""
    remedy = "Check indentation, quotes and colons there."
    if "\t" in written:
        problem, remedy = "the line begins with a tab", "Indent it with spaces."
    elif "escape" in problem:
        remedy = "Write the character itself, or put the text in single quotes."
    return SpecError([Finding("invalid_yaml", f"This is not YAML: {problem}.", remedy, line=line, column=column)])


def _unreadable(text: str, found: re.Match[str]) -> SpecError:
    at = found.start()
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    message = f"The text holds a character that nobody can see and YAML does not allow (U+{ord(found[0]):04X})."
    remedy = "Delete it there, or export the blueprint again."
    return SpecError([Finding("invalid_yaml", message, remedy, line=line, column=column)])


class _Dumper(_DUMPER):  # type: ignore[misc] - which of the two bases it is, is known only when it is loaded
    """Writes blocks for texts with lines, short lists on one line, and never an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        """Equal parts are written out."""
        return True


def _write_text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text.strip("\n") else None)


def _write_flow(dumper: Any, items: FlowList) -> Any:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _write_text)
_Dumper.add_representer(FlowList, _write_flow)
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", _INTEGER, list("-+0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
