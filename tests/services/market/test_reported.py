"""Reported reviews: operators see them with their reasons, hide them, show them again or leave them; the rating and the search follow."""

from dataclasses import replace

import pytest

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.letters import choose_letters
from app.services.mail import list_outbox
from app.services.market import (
    delete_review,
    dismiss_reports,
    get_desk,
    get_reviews,
    hide_reported_review,
    keep_review_hidden,
    list_reported_reviews,
    reply_review,
    report_review,
    show_hidden_review,
    vote_review,
    write_review,
)
from app.services.market.reviews import GROUNDS, NotYetReviewable
from app.wiring import Wiring
from tests.services.market.test_reviews import a_user
from tests.support.people import make_member
from tests.support.racing import meet
from tests.support.reviews import REASON, Scene


@pytest.fixture
def scene(uow: UnitOfWork) -> Scene:
    return Scene(uow)


def test_operators_see_what_was_reported_the_newest_first(scene: Scene) -> None:
    assert scene.waiting() == []
    scene.report(REASON)
    scene.report(actor=make_member(scene.uow))
    first = scene.review_id
    a_user(scene.uow, scene.listing)
    write_review(scene.uow, slug=scene.listing.slug, stars=5)
    other = next(row.id for row in get_reviews(scene.uow, slug=scene.listing.slug).rows if row.is_mine)
    assert scene.waiting() == [(2, (REASON,))]
    scene.uow.ports.clock.advance(minutes=1)  # type: ignore[attr-defined]
    report_review(scene.act(scene.reader), review_id=other, ground="spam")
    rows = list_reported_reviews(scene.act(scene.operator))
    assert [(row.id, row.slug, row.stars, row.reports) for row in rows] == [
        (other, scene.listing.slug, 5, 1),
        (first, scene.listing.slug, 1, 2),
    ]
    assert get_desk(scene.uow).reported == 2
    scene.uow.ports.clock.advance(minutes=1)  # type: ignore[attr-defined]
    scene.report(actor=make_member(scene.uow))
    assert [row.id for row in list_reported_reviews(scene.act(scene.operator))] == [first, other]


def test_a_hidden_review_leaves_the_page_the_rating_and_the_search_until_it_is_shown_again(scene: Scene) -> None:
    scene.report()
    assert scene.seen() == (1, 1, 1)
    scene.hide()
    assert scene.waiting() == []
    assert scene.seen() == (0, 0, 0)
    (row,) = list_reported_reviews(scene.act(scene.operator), state="hidden")
    assert (row.id, row.is_hidden) == (scene.review_id, True)
    show_hidden_review(scene.uow, review_id=scene.review_id)
    assert (scene.waiting(), list_reported_reviews(scene.uow, state="hidden")) == ([], ())
    assert scene.seen() == (1, 1, 1)


def test_its_author_is_told_why_and_cannot_write_it_anew(scene: Scene) -> None:
    scene.hide()
    uow = scene.act(scene.author)
    assert "hidden" in get_reviews(uow, slug=scene.listing.slug).problem
    with pytest.raises(NotYetReviewable, match="hidden"):
        write_review(uow, slug=scene.listing.slug, stars=1, text="Again.")
    with pytest.raises(NotFound):
        delete_review(uow, slug=scene.listing.slug)
    show_hidden_review(scene.act(scene.operator), review_id=scene.review_id)
    letters = {letter.subject: letter.text for letter in list_outbox(uow, address="127.0.0.1")}
    assert REASON in letters["Hidden: your review of Order triage"]
    assert "Shown again: your review of Order triage" in letters


def test_an_author_who_wants_no_letters_about_decisions_gets_none(scene: Scene) -> None:
    choose_letters(scene.act(scene.author), kind="decision", is_on=False)
    scene.hide()
    assert not [letter for letter in list_outbox(scene.uow, address="127.0.0.1") if letter.subject.startswith("Hidden")]


def test_dismissed_reports_wait_no_more_and_come_back_only_when_the_review_was_changed(scene: Scene) -> None:
    scene.report(REASON)
    dismiss_reports(scene.act(scene.operator), review_id=scene.review_id)
    assert (scene.waiting(), scene.seen()) == ([], (1, 1, 1))
    assert get_reviews(scene.uow, slug=scene.listing.slug).rows[0].is_reported
    scene.report("I still think so.")
    assert scene.waiting() == []
    scene.uow.ports.clock.advance(hours=1)  # type: ignore[attr-defined]
    write_review(scene.act(scene.author), slug=scene.listing.slug, stars=1, text="Worse.")
    scene.report("Worse.")
    assert scene.waiting() == [(1, ("Worse.",))]
    dismiss_reports(scene.uow, review_id=scene.review_id)
    scene.report("From another.", actor=make_member(scene.uow))
    assert scene.waiting() == [(1, ("From another.",))]


def test_a_dismissed_review_may_be_taken_back_by_its_author(scene: Scene) -> None:
    scene.report()
    with pytest.raises(Conflict):
        delete_review(scene.act(scene.author), slug=scene.listing.slug)
    dismiss_reports(scene.act(scene.operator), review_id=scene.review_id)
    delete_review(scene.act(scene.author), slug=scene.listing.slug)
    scene.act(scene.operator)
    for decide in (dismiss_reports, show_hidden_review, lambda uow, review_id: hide_reported_review(uow, review_id=review_id, reason="x")):
        with pytest.raises(NotFound):
            decide(scene.uow, review_id=scene.review_id)


def test_who_comes_second_is_told_so(scene: Scene) -> None:
    scene.report()
    with pytest.raises(Conflict, match="in sight already"):
        show_hidden_review(scene.act(scene.operator), review_id=scene.review_id)
    scene.hide()
    with pytest.raises(Conflict, match="hidden already"):
        scene.hide()
    with pytest.raises(Conflict, match="any more"):
        dismiss_reports(scene.uow, review_id=scene.review_id)
    show_hidden_review(scene.uow, review_id=scene.review_id)
    with pytest.raises(Conflict, match="any more"):
        dismiss_reports(scene.uow, review_id=scene.review_id)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, 7, None])
def test_hiding_asks_for_a_reason(scene: Scene, reason: object) -> None:
    with pytest.raises(Invalid) as refused:
        hide_reported_review(scene.act(scene.operator), review_id=scene.review_id, reason=reason)
    assert set(refused.value.fields) == {"reason"}
    assert scene.seen() == (1, 1, 1)


def test_nobody_else_decides(scene: Scene) -> None:
    scene.report()
    for actor in (scene.seller, scene.author, scene.reader):
        uow = scene.act(actor)
        with pytest.raises(NotAllowed):
            list_reported_reviews(uow)
        with pytest.raises(NotAllowed):
            hide_reported_review(uow, review_id=scene.review_id, reason=REASON)
        with pytest.raises(NotAllowed):
            keep_review_hidden(uow, review_id=scene.review_id, reason=REASON)
        for decide in (show_hidden_review, dismiss_reports):
            with pytest.raises(NotAllowed):
                decide(uow, review_id=scene.review_id)
        assert get_desk(uow).reported == 0
    assert scene.seen() == (1, 1, 1)


def test_a_report_says_why_in_one_of_the_given_grounds_or_in_words(scene: Scene) -> None:
    wrong: list[tuple[object, object, str]] = [(None, "", "ground"), ("rude", "x", "ground"), (["spam"], "", "ground"), ("", "", "ground")]
    wrong += [("other", " ", "reason"), ("spam", "x" * 501, "reason"), ("spam", 7, "reason")]
    for ground, reason, field in wrong:
        with pytest.raises(Invalid) as refused:
            report_review(scene.act(scene.reader), review_id=scene.review_id, ground=ground, reason=reason)
        assert set(refused.value.fields) == {field}
    assert scene.waiting() == []


def test_operators_see_how_many_gave_which_reason_the_most_frequent_first(scene: Scene) -> None:
    scene.report(ground="spam")
    for words in ("", "It insults Bob."):
        scene.report(words, actor=make_member(scene.uow))
    (row,) = list_reported_reviews(scene.act(scene.operator))
    assert [(why.ground, why.label, why.count, why.texts) for why in row.reasons] == [
        ("offensive", GROUNDS["offensive"], 2, ("It insults Bob.",)),
        ("spam", GROUNDS["spam"], 1, ()),
    ]


def test_only_its_author_edits_a_review(scene: Scene) -> None:
    vote_review(scene.act(scene.reader), review_id=scene.review_id)
    scene.report()
    reply_review(scene.act(scene.seller), review_id=scene.review_id, text="We are sorry.")
    scene.hide()
    show_hidden_review(scene.uow, review_id=scene.review_id)
    (row,) = get_reviews(scene.uow, slug=scene.listing.slug).rows
    assert (row.helpful_count, row.reply, row.is_edited) == (1, "We are sorry.", False)


def test_the_audit_trail_tells_who_decided(scene: Scene) -> None:
    scene.report()
    scene.uow.trail.take()
    dismiss_reports(scene.act(scene.operator), review_id=scene.review_id)
    scene.hide()
    show_hidden_review(scene.uow, review_id=scene.review_id)
    told = [note for note in scene.uow.trail.take() if note.kind == "review"]
    assert {(note.resource_id, note.workspace_id) for note in told} == {(scene.review_id, scene.seller.workspace_id)}
    assert [note.note for note in told] == ["reports dismissed", f"hidden: {REASON}", "shown again"]


def test_a_report_that_comes_while_reports_are_dismissed_still_waits(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        scene, late = Scene(uow), make_member(uow)
        scene.report()
        review_id, operator, operators = scene.review_id, scene.operator, uow.ports.operators
    there = replace(wiring, ports=replace(wiring.ports, operators=operators))
    meet(
        there,
        (operator, lambda uow: dismiss_reports(uow, review_id=review_id)),
        (late, lambda uow: report_review(uow, review_id=review_id, ground="other", reason="Late.")),
    )
    with there.unit(operator, write=False) as uow:
        (row,) = list_reported_reviews(uow)
        assert (row.reports, [(why.ground, why.texts) for why in row.reasons]) == (1, [("other", ("Late.",))])
