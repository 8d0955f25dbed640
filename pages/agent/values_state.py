"""The test values above the chat: one field per variable of the instructions, remembered with the conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import reflex as rx

from app.core.errors import Invalid
from app.views.agents import NeededValue
from components.forms.answers import AnswerField, as_text, typed_answers
from engine.json import JsonObject, JsonValue

TYPES = (("text", "Text"), ("number", "Number"), ("boolean", "Yes / no"), ("list", "List"), ("json", "JSON"))
MAX_TEXT = 20_000
MAX_VALUES = 200  # a forged event must not fill the state


@dataclass(frozen=True)
class ValueField:
    """One variable to fill in."""

    path: str
    type: str
    text: str
    is_required: bool
    problem: str = ""


class AgentValuesState(rx.State):
    """What was typed stays while the instructions change, so that a variable may come and go."""

    fields: list[ValueField] = []
    is_open: bool = True
    hint: str = ""  # about names in the instructions that not every run has
    refusal: str = ""  # why the last message was not sent; it goes with the next change of a value or of the form
    _needed: tuple[NeededValue, ...] = ()
    _texts: dict[str, str] = {}
    _types: dict[str, str] = {}

    @rx.var
    def summary(self) -> str:
        """How many are filled in."""
        filled = sum(1 for one in self.fields if one.text.strip())
        return f"{filled} of {len(self.fields)} filled in"

    @rx.event
    def set_text(self, path: str, text: str) -> None:
        """Take one value as it was typed."""
        if path in self._texts or len(self._texts) < MAX_VALUES:
            self._texts = {**self._texts, str(path)[:300]: str(text)[:MAX_TEXT]}
            self.refusal = ""
            self._draw({one.path: one.problem for one in self.fields if one.path != path})

    @rx.event
    def set_type(self, path: str, kind: str) -> None:
        """Say what the text of a value stands for."""
        if kind in dict(TYPES) and (path in self._types or len(self._types) < MAX_VALUES):
            self._types = {**self._types, str(path)[:300]: kind}
            self.refusal = ""
            self._draw({})

    @rx.event
    def toggle(self) -> None:
        """Fold or unfold the form."""
        self.is_open = not self.is_open

    def _ask(self, needed: Sequence[NeededValue]) -> None:
        """The instructions use other variables now."""
        if tuple(needed) != self._needed:
            self._needed = tuple(needed)
            self._draw({one.path: one.problem for one in self.fields})

    def _fill(self, values: Mapping[str, JsonValue]) -> None:
        """Show the values of the conversation that was opened."""
        self.refusal = ""
        self._types = {path: _type_of(value) for path, value in values.items()}
        self._texts = {path: as_text(value, self._types[path]) for path, value in values.items()}
        self._draw({})

    def _draw(self, problems: Mapping[str, str]) -> None:
        self.fields = [
            ValueField(
                path=one.path,
                type=self._types.get(one.path, one.type),
                text=self._texts.get(one.path, ""),
                is_required=one.is_required,
                problem=problems.get(one.path, ""),
            )
            for one in self._needed
        ]

    def _refuse(self, problems: Mapping[str, str], message: str) -> None:
        """Mark what is wrong and make it visible; {} and "" after a message that was taken."""
        self.refusal = message
        self._draw(problems)
        self.is_open = self.is_open or any(one.problem for one in self.fields)

    def _typed(self) -> JsonObject:
        """The values as JSON; raises Invalid with a message per path."""
        asked = [AnswerField(one.path, one.path, "", one.type, "", "", required=False) for one in self.fields]
        texts = {one.path: one.text for one in self.fields}
        values, problems = typed_answers([one for one in asked if texts[one.name].strip()], texts)
        if problems:
            raise Invalid("Check the test values above.", fields=problems)
        return values


def _type_of(value: JsonValue) -> str:
    """The type in which a kept value is shown again."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "json" if isinstance(value, dict) else "text"
