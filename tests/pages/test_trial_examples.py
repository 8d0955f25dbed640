"""Examples in the form of a trial: they fill it in, and what somebody typed always comes back."""

from app.views.market import InputExample
from app.views.trials import TrialButton, TrialQuestion, TrialResult
from components.forms.answers import answer_fields
from engine.json import JsonObject
from pages.offer.examples import example_items
from pages.offer.try_state import TryState

FORM: list[JsonObject] = [
    {"name": "topic", "type": "text"},
    {"name": "count", "type": "integer", "default": 3},
    {"name": "tags", "type": "list"},
    {"name": "is_urgent", "type": "boolean"},
]
SHORT = InputExample("Short", "test", {"topic": "Tea", "tags": ["a", "b"], "is_urgent": True})
LONG = InputExample("Long", "form", {"topic": "Coffee", "count": 12})


def filled() -> TryState:
    state = TryState()  # type: ignore[call-arg]
    state.fields = answer_fields(FORM)
    state.examples = example_items((SHORT, LONG), state.fields)
    state.example = state.examples[0]
    return state


def texts(state: TryState) -> dict[str, str]:
    return {field.name: field.value for field in state.fields}


def call(handler: object, *arguments: object) -> None:
    handler.fn(*arguments)  # type: ignore[attr-defined]


def test_an_example_fills_every_field_and_leaves_what_it_does_not_say_at_its_default() -> None:
    state = filled()
    call(TryState.answer_field, state, "count", 9)
    call(TryState.use_example, state)
    assert texts(state) == {"topic": "Tea", "count": "3", "tags": "a\nb", "is_urgent": "true"}


def test_undo_brings_back_what_was_typed_however_many_examples_came_since() -> None:
    state = filled()
    call(TryState.answer_field, state, "topic", "Mine")
    call(TryState.use_example, state)
    call(TryState.choose_example, state, "1")
    assert texts(state)["topic"] == "Tea"
    call(TryState.use_example, state)
    assert (texts(state)["topic"], state.can_undo) == ("Coffee", True)
    call(TryState.undo_example, state)
    assert texts(state) == {"topic": "Mine", "count": "3", "tags": "", "is_urgent": ""}
    assert not state.can_undo


def test_one_field_alone_takes_its_example() -> None:
    state = filled()
    call(TryState.answer_field, state, "tags", "mine")
    call(TryState.use_example, state, "topic")
    assert (texts(state)["topic"], texts(state)["tags"]) == ("Tea", "mine")


def test_undo_leaves_what_was_typed_after_the_example() -> None:
    state = filled()
    call(TryState.use_example, state)
    call(TryState.answer_field, state, "topic", "Typed later")
    call(TryState.undo_example, state)
    assert (texts(state)["topic"], texts(state)["tags"]) == ("Typed later", "")


def test_leaving_a_field_as_it_is_takes_no_undo_away() -> None:
    state = filled()
    call(TryState.use_example, state)
    call(TryState.answer_field, state, "topic", "Tea")
    call(TryState.undo_example, state)
    assert texts(state)["topic"] == ""


def test_a_browser_cannot_fill_in_fields_or_choose_examples_that_are_not_there() -> None:
    state = filled()
    call(TryState.use_example, state, "nothing")
    call(TryState.choose_example, state, "99")
    call(TryState.answer_field, state, "nothing", "x")
    assert (texts(state), state.example, state.can_undo) == (texts(filled()), state.examples[0], False)


def test_where_an_example_is_from_is_told() -> None:
    fields = answer_fields(FORM)
    assert "Sample runs" in example_items((SHORT,), fields)[0].source
    assert "“Short”" in example_items((SHORT,), fields)[0].source
    assert "beside the fields" in example_items((LONG,), fields)[0].source


def test_a_trial_that_would_ask_shows_the_question_and_one_that_ends_what_was_pressed() -> None:
    state = filled()
    buttons = (TrialButton("pay", "Pay it", "primary"), TrialButton("reject", "Send it back", "danger"))
    question = TrialQuestion("q1", "Pay 9?", "It is **much**.", buttons, ("Reason",))
    state._show(TrialResult("t", "waiting", is_over=True, output={}, problem="", seconds=0.2, question=question))
    assert (state.result.question, state.result.title, [one.label for one in state.result.buttons]) == (
        "q1",
        "Pay 9?",
        ["Pay it", "Send it back"],
    )
    assert state.result.besides == "The person could also fill in: Reason. The trial takes it as proposed."
    state._pressed = {"q1": "Send it back"}
    state._show(TrialResult("t", "succeeded", is_over=True, output={"text": "sent back"}, problem="", seconds=0.2))
    assert (state.result.question, state.result.pressed, state.result.output) == ("", "“Send it back”", {"text": "sent back"})
