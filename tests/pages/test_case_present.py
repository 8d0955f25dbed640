"""What the page of a moderation case says: what is on the shelf, what was decided, and what is inside."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.services.market.inside import read_inside, tell_change
from app.views.market import CaseDetail, CaseRow
from engine.blueprint.codec import decode
from pages.moderation.inside_present import ChangeItem, change_item, inside_item
from pages.moderation.present import case_item, case_paper
from tests.support.market import BLUEPRINT

NOW = datetime(2027, 3, 1, tzinfo=UTC)
ROW = CaseRow(
    id="1", slug="ask", name="Ask", creator="Acme", kind="version", version="1.1.0", state="waiting", reason="", appeal="", asked_at=NOW,
    decided_at=None,
)  # fmt: skip
PACKAGE = decode(BLUEPRINT)
CASE = CaseDetail(
    row=ROW, tagline="", description="", category_label="", price="", licence="", changelog="", permissions=(), widened=(), live_version="",
    on_shelf="", workflow={}, inside=read_inside(PACKAGE), change=None, samples=(), is_intact=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("live", "state", "words"),
    [
        ("", "", "nothing yet"),
        ("1.0.0", "live", "1.0.0"),
        ("1.1.0", "live", "1.1.0, this version"),
        ("", "unlisted", "nothing: its creator took it off"),
        ("", "removed", "nothing: taken down"),
    ],
)
def test_what_is_on_the_shelf_is_said_as_it_is(live: str, state: str, words: str) -> None:
    paper = case_paper(replace(CASE, live_version=live, on_shelf=state))
    assert (paper.on_shelf, paper.can_take_down) == (words, state in ("live", "unlisted"))


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [
        ("version", "refused", ("Version 1.1.0", "Refused")),
        ("takedown", "refused", ("Takedown", "Taken down")),
        ("takedown", "approved", ("Takedown", "Put back")),
    ],
)
def test_a_takedown_is_told_by_its_own_words(kind: str, state: str, words: tuple[str, str]) -> None:
    item = case_item(replace(ROW, kind=kind, state=state), now=NOW)
    assert (item.what, item.state_label) == words


def test_steps_of_large_workflows_are_shown_once_asked_for() -> None:
    (some,) = inside_item(CASE.inside, most=1).workflows
    assert ([step.key for step in some.steps], some.more) == (["start"], "1 more step")
    (every,) = inside_item(CASE.inside).workflows
    assert ([step.key for step in every.steps], every.more) == (["start", "answer"], "")


def test_steps_of_other_workflows_have_keys_of_their_own() -> None:
    both = PACKAGE.model_copy(update={"workflows": PACKAGE.workflows | {"other": PACKAGE.workflows["ask"]}})
    groups = inside_item(read_inside(both)).workflows
    assert [group.steps[0].key for group in groups] == ["start", "other.start"]


def test_a_first_version_changes_nothing() -> None:
    assert change_item(None) == ChangeItem()
    assert change_item(tell_change("1.0.0", PACKAGE, PACKAGE)) == ChangeItem(earlier="1.0.0", is_same=True)
