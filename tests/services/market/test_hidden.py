"""Hidden reviews: their authors read why and answer once, operators see that with the reason, and their second decision stands."""

from dataclasses import replace

import pytest

from app.core.errors import Invalid, NotFound
from app.core.uow import UnitOfWork
from app.services.market import (
    appeal_review,
    get_desk,
    get_reviews,
    hide_reported_review,
    list_reported_reviews,
    show_hidden_review,
    write_review,
)
from app.services.market.moderating import CaseDecided, NoAppeal
from app.services.market.operating import hide_review
from app.wiring import Wiring
from tests.services.market.test_reviews import a_user
from tests.support.racing import meet
from tests.support.reviews import ANSWER, REASON, Scene


@pytest.fixture
def scene(uow: UnitOfWork) -> Scene:
    return Scene(uow)


def test_the_hidden_list_tells_why_when_by_whom_and_the_appeal(scene: Scene) -> None:
    scene.report()
    scene.hide()
    row, now = scene.hidden(), scene.uow.ports.clock.now()
    assert (row.hidden_reason, row.hidden_at, row.hidden_by, row.state, row.appeal) == (REASON, now, "Olga Operator", "hidden", "")
    scene.appeal()
    row = scene.hidden()
    assert (row.state, row.appeal, row.appealed_at, row.answer) == ("waiting", ANSWER, now, "")
    scene.keep_hidden("It still does.")
    row = scene.hidden()
    assert (row.state, row.appeal, row.answer, row.reasons[0].count) == ("kept", ANSWER, "It still does.", 1)


def test_the_author_reads_the_reason_answers_once_and_reads_the_decision(scene: Scene) -> None:
    assert scene.own() is None
    scene.hide()
    mine = scene.own()
    assert mine
    assert (mine.id, mine.stars, mine.reason, mine.state) == (scene.review_id, 1, REASON, "hidden")
    assert "answer once" in scene.letters()["Hidden: your review of Order triage"]
    scene.appeal()
    mine = scene.own()
    assert mine
    assert (mine.state, mine.appeal) == ("waiting", ANSWER)
    with pytest.raises(NoAppeal, match="before"):
        scene.appeal("Once more.")
    scene.keep_hidden("It still does.")
    mine = scene.own()
    assert mine
    assert (mine.state, mine.answer) == ("kept", "It still does.")
    letter = scene.letters()["Hidden: your review of Order triage"]
    assert ("It still does." in letter, "this decision stands" in letter) == (True, True)
    with pytest.raises(NoAppeal, match="before"):
        scene.appeal("Once more.")
    assert scene.seen() == (0, 0, 0)


def test_an_appeal_waits_on_the_desk_until_it_is_granted(scene: Scene) -> None:
    scene.hide()
    assert get_desk(scene.act(scene.operator)).reported == 0
    scene.appeal()
    assert get_desk(scene.act(scene.operator)).reported == 1
    show_hidden_review(scene.uow, review_id=scene.review_id)
    assert (get_desk(scene.uow).reported, scene.seen(), scene.own()) == (0, (1, 1, 1), None)
    with pytest.raises(NoAppeal):
        scene.appeal()
    scene.hide()
    mine = scene.own()
    assert mine
    assert (mine.state, mine.appeal) == ("hidden", "")


def test_open_appeals_stand_before_the_other_hidden_reviews(scene: Scene) -> None:
    scene.hide()
    scene.uow.ports.clock.advance(minutes=1)  # type: ignore[attr-defined]
    a_user(scene.uow, scene.listing)
    write_review(scene.uow, slug=scene.listing.slug, stars=2)
    other = next(row.id for row in get_reviews(scene.uow, slug=scene.listing.slug).rows if row.is_mine)
    hide_reported_review(scene.act(scene.operator), review_id=other, reason=REASON)
    assert [row.id for row in list_reported_reviews(scene.uow, state="hidden")] == [other, scene.review_id]
    scene.appeal()
    assert [row.id for row in list_reported_reviews(scene.act(scene.operator), state="hidden")] == [scene.review_id, other]


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, 7, None])
def test_an_appeal_needs_words(scene: Scene, text: object) -> None:
    scene.hide()
    with pytest.raises(Invalid) as refused:
        appeal_review(scene.act(scene.author), review_id=scene.review_id, text=text)
    assert set(refused.value.fields) == {"appeal"}


def test_only_the_author_appeals_and_only_while_it_is_hidden(scene: Scene) -> None:
    with pytest.raises(NoAppeal, match="not hidden"):
        scene.appeal()
    scene.hide()
    for actor in (scene.reader, scene.seller, scene.operator):
        with pytest.raises(NotFound):
            appeal_review(scene.act(actor), review_id=scene.review_id, text=ANSWER)
        assert get_reviews(scene.uow, slug=scene.listing.slug).hidden is None
    for review_id in ("", None, 7, "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFound):
            appeal_review(scene.act(scene.author), review_id=review_id, text=ANSWER)


def test_keeping_one_hidden_needs_an_appeal_and_a_reason(scene: Scene) -> None:
    with pytest.raises(CaseDecided):
        scene.keep_hidden()
    scene.hide()
    with pytest.raises(CaseDecided):
        scene.keep_hidden()
    scene.appeal()
    with pytest.raises(Invalid) as refused:
        scene.keep_hidden(" ")
    assert set(refused.value.fields) == {"reason"}
    assert scene.keep_hidden() == scene.listing.name
    with pytest.raises(CaseDecided):
        scene.keep_hidden()


def test_what_the_console_hides_has_its_reason_too(scene: Scene) -> None:
    scene.uow.actor = None
    hide_review(scene.uow, review_id=scene.review_id, reason=REASON)
    assert (scene.hidden().hidden_by, scene.hidden().hidden_reason) == ("the console", REASON)


def test_the_sellers_trail_does_not_tell_who_appeals(scene: Scene) -> None:
    scene.hide()
    scene.uow.trail.take()
    scene.appeal()
    scene.keep_hidden()
    told = [(note.note, note.workspace_id) for note in scene.uow.trail.take() if note.kind == "review"]
    assert told == [("appealed", None), (f"kept hidden after an appeal: {REASON}", scene.seller.workspace_id)]


def test_of_two_appeals_at_once_one_counts(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        scene = Scene(uow)
        scene.hide()
        review_id, author, operator, operators = scene.review_id, scene.author, scene.operator, uow.ports.operators
    there = replace(wiring, ports=replace(wiring.ports, operators=operators))

    late: list[str] = []

    def too_late(uow: UnitOfWork) -> None:
        try:
            appeal_review(uow, review_id=review_id, text="Two.")
        except NoAppeal as refused:
            late.append(refused.message)

    meet(there, (author, lambda uow: appeal_review(uow, review_id=review_id, text="One.")), (author, too_late))
    with there.unit(operator, write=False) as uow:
        (row,) = list_reported_reviews(uow, state="hidden")
        assert (row.appeal, len(late)) == ("One.", 1)
