"""The inputs that a listing may be tried with: each once, only what its page shows anyway."""

from collections.abc import Callable

import pytest

from app.core.uow import UnitOfWork
from app.services.market import get_listing
from app.services.market.examples import OF_THE_FORM, examples_of
from app.views.market import InputExample, SampleRun
from engine.json import JsonObject
from engine.nodes.fields import FormField
from models.listing import Listing
from models.workspace import Role
from tests.support.market import make_listing
from tests.support.people import make_member
from tests.support.sealing import CANARY, make_sealed

FORM = (FormField.model_validate({"name": "topic", "example": "Vans"}), FormField.model_validate({"name": "words", "type": "integer"}))


def sample(name: str, inputs: JsonObject) -> SampleRun:
    return SampleRun(name, "succeeded", inputs, {}, has_passed=True, seconds=0.1)


def test_samples_come_first_and_the_examples_of_the_form_once() -> None:
    found = examples_of([sample("Short", {"topic": "Tea", "words": 5}), sample("Again", {"topic": "Tea", "words": 5})], FORM)
    assert found == (InputExample("Short", "test", {"topic": "Tea", "words": 5}), InputExample(OF_THE_FORM, "form", {"topic": "Vans"}))
    assert examples_of([sample("Same", {"topic": "Vans"})], FORM) == (InputExample("Same", "test", {"topic": "Vans"}),)


def test_what_the_form_does_not_ask_for_is_no_example() -> None:
    plain = [FormField.model_validate({"name": "topic"})]
    assert examples_of([sample("Other", {"secret": 1}), sample("Empty", {"topic": ""})], plain) == ()
    assert examples_of([sample("Zero", {"words": 0})], [FORM[1]]) == (InputExample("Zero", "test", {"words": 0}),)


SHOWN: JsonObject = {
    "name": "The sky", "status": "succeeded", "inputs": {"question": "Why is the sky blue?", "other": CANARY}, "output": {},
    "has_passed": True, "seconds": 0.1,
}  # fmt: skip


@pytest.mark.parametrize("make", [make_sealed, make_listing])
def test_a_visitor_gets_the_inputs_that_the_sample_runs_show(uow: UnitOfWork, make: Callable[..., Listing]) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    slug = make(uow, samples=[SHOWN]).slug
    uow.actor = None
    assert get_listing(uow, slug=slug).examples == (InputExample("The sky", "test", {"question": "Why is the sky blue?"}),)


def test_without_samples_and_examples_there_is_nothing_to_offer(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    assert get_listing(uow, slug=make_listing(uow).slug).examples == ()
