"""`listings show`: what a buyer decides by stands on one readable page, and nothing in it steers the terminal."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.cli.listing_page import WIDTH, page_of
from app.core.uow import UnitOfWork
from app.services.market import get_listing
from app.views.market import InputExample, ListingDetail, Measured
from models.workspace import Role
from tests.support.market import make_listing
from tests.support.people import make_member

SHAPE = TypeAdapter(ListingDetail)


@pytest.fixture
def detail(uow: UnitOfWork) -> ListingDetail:
    """A monthly listing as a buyer sees it."""
    uow.actor = make_member(uow, Role.OWNER)
    slug = make_listing(uow, cents=1900, is_monthly=True).slug
    uow.actor = make_member(uow, Role.OWNER)
    return get_listing(uow, slug=slug)


def read(detail: ListingDetail) -> str:
    record: dict[str, Any] = SHAPE.dump_python(detail, mode="json")
    return "\n".join(page_of(record))


def test_the_page_tells_price_permissions_inputs_versions_and_the_next_step(detail: ListingDetail) -> None:
    page = read(detail)
    for told in (
        "Order triage\nOrder triage for everybody\n$19.00 a month · Support · by Acme",
        "order-triage · version 1.0.0 · standard licence · open",
        "It may\n  Ask language models: demo/assistant",
        "It asks for\n  question: long text, needed. question.",
        "1.0.0 (current), ",
        "agent-factory purchases buy order-triage --price 1900 --monthly",
    ):
        assert told in page
    assert "{" not in page
    assert max(len(line) for line in page.splitlines()) <= WIDTH


def test_the_measured_label_says_what_its_times_mean(detail: ListingDetail) -> None:
    measured = Measured(runs=40, success_percent=95, p50_s=1.2, p95_s=64, cost_micros=1500, tests=3, tests_passed=2)
    page = read(replace(detail, measured=measured))
    assert "2 of 3 of the seller's tests pass" in page
    assert "half of the runs take no longer than 1.2 s, 19 of 20 no longer than 1 min 4 s" in page
    assert "$0.0015 model cost a run" in page
    assert "Nobody has run an installed copy yet." in read(detail)


def test_an_example_leads_to_a_trial_and_an_evil_name_stays_words(detail: ListingDetail) -> None:
    page = read(replace(detail, examples=(InputExample("It's \x1b[31mred\x07", "test", {"question": "Why?"}),)))
    assert "listings try order-triage --example 'It'\"'\"'s" in page
    assert not {"\x1b", "\x07"} & set(page)


def test_a_record_without_its_parts_is_a_short_page() -> None:
    assert "Nobody has run an installed copy yet." in "\n".join(page_of({}))
