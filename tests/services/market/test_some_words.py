"""Search where nothing has all the words: what has the most of them, said so; filters and typing mistakes count as ever."""

import pytest

from app.core.uow import UnitOfWork
from app.services.market import find_listings
from app.views.market import Found
from models.workspace import Role
from tests.support.market import make_listing
from tests.support.people import make_member

PLAIN = "Does what it says, quickly, and without any fuss at all. " * 3


@pytest.fixture
def shelf(uow: UnitOfWork) -> UnitOfWork:
    uow.actor = make_member(uow, Role.OWNER)
    make_listing(uow, name="Refund desk", description=f"Answers by mail. {PLAIN}")
    make_listing(uow, name="Newsletter", description=f"Drafts a mail. {PLAIN}", cents=900)
    make_listing(uow, name="Log summary", description=PLAIN)
    uow.actor = make_member(uow)
    return uow


def names(found: Found) -> list[str]:
    return [card.name for card in found.cards]


def test_what_has_all_the_words_comes_alone(shelf: UnitOfWork) -> None:
    found = find_listings(shelf, search="refund mail")
    assert (names(found), found.has_all) == (["Refund desk"], True)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("refund unicorn", ["Refund desk"]),  # a word that nothing has
        ("refund newsletter", ["Newsletter", "Refund desk"]),  # words that different ones have
        ("newsletter mail unicorn", ["Newsletter"]),  # two of three beat one of three
        ("refnud unicorn", ["Refund desk"]),  # with a typing mistake
    ],
)
def test_where_nothing_has_all_the_words_those_come_that_have_the_most(shelf: UnitOfWork, search: str, expected: list[str]) -> None:
    found = find_listings(shelf, search=search)
    assert (sorted(names(found)), found.total, found.has_all) == (expected, len(expected), False)


def test_filters_are_kept_and_nothing_at_all_is_said_as_such(shelf: UnitOfWork) -> None:
    assert names(find_listings(shelf, search="refund newsletter", price="free")) == ["Refund desk"]
    for search in ("unicorn", "unicorn rainbow"):
        found = find_listings(shelf, search=search)
        assert (found.cards, found.total, found.has_all) == ((), 0, True)
