"""State of trying a listing on its page: the form as it was filled in, the result of the one run, or the question it stopped at."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import get_listing, get_trial, start_trial
from app.session import Bridge
from app.views import words
from app.views.market import ListingDetail
from app.views.trials import TrialButton, TrialResult
from components.forms.answers import MOST_CHARS, AnswerField, answer_fields, as_text, typed_answers
from engine.json import JsonObject
from pages.offer.examples import ExampleItem, example_items, put, replaced

LOOK_EVERY_S = 0.4
PATIENCE_S = 120.0


@dataclass(frozen=True)
class TrialItem:
    """What came of a trial. With `question` it stopped there, and `buttons` go on; `pressed` says which were pressed on the way."""

    is_done: bool = False
    output: JsonObject = field(default_factory=dict[str, object])
    took: str = ""
    question: str = ""  # its id
    title: str = ""
    message: str = ""
    buttons: list[TrialButton] = field(default_factory=list[TrialButton])
    besides: str = ""
    pressed: str = ""


class TryState(Bridge, rx.State):
    """One trial at a time."""

    fields: list[AnswerField] = []
    errors: dict[str, str] = {}
    result: TrialItem = TrialItem()
    problem: str = ""
    is_running: bool = False
    examples: list[ExampleItem] = []
    example: ExampleItem = ExampleItem()  # the one that is offered
    form_version: int = 0  # another one: the fields are drawn anew, with what they hold now
    _before: dict[str, str] = {}  # what examples have replaced, as it stood before the first of them
    _trial: str = ""
    _wish: dict[str, Any] = {}  # what the trial was given, which another one that goes on is given too
    _pressed: dict[str, str] = {}  # the labels of what was pressed, by question

    @rx.var
    def can_undo(self) -> bool:
        """Whether an example stands where something else stood."""
        return bool(self._before)

    @rx.event
    async def load(self) -> None:
        """Read what a run asks for; nothing where the listing cannot be shown."""
        self.reset()
        try:
            detail: ListingDetail = await self._read(get_listing, slug=self._address_id())
        except AppError:
            return
        self.fields = answer_fields(list(detail.form))
        self.examples = example_items(detail.examples, self.fields)
        self.example = self.examples[0] if self.examples else ExampleItem()

    @rx.event
    def answer_field(self, name: str, value: Any) -> None:
        """A field was filled in."""
        text = as_text(int(value) if isinstance(value, float) and value.is_integer() else value, "")  # number fields send numbers
        if any(one.name == name and one.value != text for one in self.fields):
            self.fields = put(self.fields, {name: text[: MOST_CHARS + 1]})
            self._before = {one: old for one, old in self._before.items() if one != name}

    @rx.event
    def choose_example(self, value: str) -> None:
        """Offer another one; nothing is filled in yet."""
        self.example = next((one for one in self.examples if one.value == value), self.example)

    @rx.event
    def use_example(self, name: str = "") -> None:
        """Fill in one field, or all of them. What an earlier example replaced is still what Undo brings back."""
        texts = {one: text for one, text in self.example.texts.items() if name in ("", one)}
        self._before = replaced(self.fields, texts) | self._before
        self._fill(texts)

    @rx.event
    def undo_example(self) -> None:
        """What stood there before."""
        before, self._before = self._before, {}
        self._fill(before)

    def _fill(self, texts: dict[str, str]) -> None:
        self.fields, self.errors = put(self.fields, texts), {name: told for name, told in self.errors.items() if name not in texts}
        self.form_version += 1

    @rx.event
    async def start(self) -> Any:
        """Run it once, or show what is wrong where it is wrong."""
        inputs, self.errors = typed_answers(self.fields, {})
        self.problem, self.result = "", TrialItem()
        if self.errors:
            return None
        self._wish, self._pressed = {"slug": self._address_id(), "inputs": inputs, "answers": {}}, {}
        return await self._begin()

    @rx.event
    async def press(self, question: str, button: str) -> Any:
        """Go on, in another trial, as if a person had pressed this."""
        label = next((one.label for one in self.result.buttons if one.id == button), "")
        if question != self.result.question or not label or self.is_running:
            return None
        self._wish = {**self._wish, "answers": self._wish["answers"] | {question: button}}
        self._pressed = {**self._pressed, question: label}
        return await self._begin()

    async def _begin(self) -> Any:
        try:
            self._trial = await self._call(start_trial, **self._wish, network=self.router.session.client_ip)
        except AppError as refused:
            self.errors, self.problem = refused.fields, "" if refused.fields else refused.message
            return None
        self.is_running = True
        return TryState.follow

    @rx.event(background=True)
    async def follow(self) -> None:
        """Look until it is over; another listing or another trial ends this."""
        async with self:
            mine = self._trial
        for _ in range(int(PATIENCE_S / LOOK_EVERY_S)):
            await asyncio.sleep(LOOK_EVERY_S)
            async with self:
                if not mine or self._trial != mine:
                    return
                found: TrialResult = await self._read(get_trial, trial_id=mine)
                if found.is_over:
                    self._show(found)
                    return
        async with self:
            if self._trial == mine:
                self.is_running, self.problem = False, "It is still waiting for a worker. Try again in a moment."

    def _show(self, found: TrialResult) -> None:
        self.is_running, self.problem, asked = False, found.problem, found.question
        self.result = TrialItem(
            is_done=not found.problem,
            output=found.output,
            took=words.duration(found.seconds * 1000),
            pressed=", ".join(f"“{label}”" for label in self._pressed.values()),
        )
        if asked:
            besides = f"The person could also fill in: {', '.join(asked.fields)}. The trial takes it as proposed." if asked.fields else ""
            told = {
                "question": asked.id,
                "title": asked.title,
                "message": asked.message,
                "buttons": list(asked.buttons),
                "besides": besides,
            }
            self.result = replace(self.result, **told)


# What a visitor may cause here.
OF_A_TRIAL = (
    TryState.answer_field,
    TryState.choose_example,
    TryState.follow,
    TryState.load,
    TryState.press,
    TryState.start,
    TryState.undo_example,
    TryState.use_example,
)
