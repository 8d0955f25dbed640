"""Trying a listing: visitors get a result and nothing else, nothing goes out, nobody pays for it, and too much of it is refused."""

import pytest
from sqlmodel import col, select

from app.core.errors import Invalid, LimitReached, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.market import get_earnings, get_listing, get_trial, start_trial
from app.services.market.publishing import add_version
from app.services.market.trying import EACH_HOUR, SANDBOX
from app.services.runs import list_runs
from app.views.trials import TrialResult
from app.wiring import Wiring
from engine.blueprint.codec import decode
from engine.ports import HttpRequest, HttpResponse
from engine.run.dry import DEMO_MODEL
from models.ids import parse_id
from models.run import Run, RunEvent
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.driving import work
from tests.support.market import make_listing
from tests.support.people import make_member
from tests.support.sealing import CANARY, Oracle, make_sealed

CALLING = """
apiVersion: agentfactory/v1
kind: Bundle
metadata: {name: Caller, version: 1.0.0, description: Calls out.}
workflows:
  main:
    name: Caller
    nodes:
      start: {kind: start, config: {fields: [{name: place, type: text}]}}
      read: {kind: http, config: {method: GET, url: 'https://example.com/{{ inputs.place }}', credential: Shop}}
      write: {kind: http, config: {method: POST, url: 'https://example.com/{{ inputs.place }}'}}
      end: {kind: end, config: {output: '{{ read.status }}'}}
    edges: [start -> read, read -> write, write -> end]
"""

ASKING = """
apiVersion: agentfactory/v1
kind: Bundle
metadata: {name: Asker, version: 1.0.0, description: Asks twice.}
workflows:
  main:
    name: Asker
    nodes:
      start: {kind: start, config: {fields: [{name: sum, type: number}]}}
      secret_ask:
        kind: approval
        config:
          title: 'Pay {{ inputs.sum }}?'
          message: It is **much**.
          buttons: [{id: pay, label: Pay it, style: primary}, {id: reject, label: Send it back, style: danger}]
          fields: [{name: reason, type: text, default: "for {{ inputs.sum }}"}]
      secret_sure: {kind: approval, config: {title: 'Sure?'}}
      paid: {kind: template, config: {text: 'paid {{ secret_ask.values.reason }}'}}
      back: {kind: template, config: {text: sent back}}
      end: {kind: end, config: {output: '{{ paid | default: back }}'}}
    edges: [start -> secret_ask, secret_ask.pay -> secret_sure, secret_sure.approve -> paid, secret_sure.reject -> back,
      secret_ask.reject -> back, paid -> end, back -> end]
"""


class Wire:
    """Remembers what goes out."""

    def __init__(self) -> None:
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        self.sent.append(request)
        return HttpResponse(200, {}, b"{}", request.url)


@pytest.fixture
def listing(uow: UnitOfWork) -> str:
    """A listing with a price; the actor is a visitor."""
    uow.actor = make_member(uow, Role.OWNER)
    slug = make_listing(uow, cents=1900).slug
    uow.actor = None
    return slug


def finish(uow: UnitOfWork, wiring: Wiring, trial: str, **deps: object) -> None:
    uow.session.commit()
    run_id = parse_id(trial)
    assert run_id
    work(wiring, run_id, **deps)
    uow.session.expire_all()


def test_a_visitor_tries_what_has_a_price_with_the_demo_model(uow: UnitOfWork, wiring: Wiring, listing: str) -> None:
    trial, model = start_trial(uow, slug=listing, inputs={"question": "Why?"}, network="192.0.2.1"), Oracle()
    assert not get_trial(uow, trial_id=trial).is_over
    finish(uow, wiring, trial, models=model)
    found = get_trial(uow, trial_id=trial)
    assert (found.status, found.problem, found.output["text"]) == ("succeeded", "", "Perhaps.")
    assert [request.model for request in model.asked] == [DEMO_MODEL]


def test_nothing_goes_out_and_no_credential_is_asked_for(uow: UnitOfWork, wiring: Wiring) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    wish = {
        "name": "Caller", "tagline": "Calls", "description": "Calls out. " * 10, "category": "support", "price_cents": 0,
        "licence": "mit", "version": "1.1.0", "changelog": "Calls.",
    }  # fmt: skip
    add_version(uow, listing, decode(CALLING), wish=wish, samples=[])
    uow.actor, wire = None, Wire()
    trial = start_trial(uow, slug=listing.slug, inputs={"place": "here"}, network="192.0.2.1")
    finish(uow, wiring, trial, http=wire)
    assert (get_trial(uow, trial_id=trial).status, wire.sent) == ("succeeded", [])


def make_asking(uow: UnitOfWork) -> str:
    """A listing that asks before it pays, and once more; the actor is a visitor."""
    uow.actor = make_member(uow, Role.OWNER)
    listing = make_listing(uow)
    wish = {
        "name": "Asker", "tagline": "Asks", "description": "Asks twice. " * 10, "category": "support", "price_cents": 0,
        "licence": "mit", "version": "1.1.0", "changelog": "Asks.",
    }  # fmt: skip
    add_version(uow, listing, decode(ASKING.replace("secret", CANARY)), wish=wish, samples=[])
    uow.actor = None
    return listing.slug


def asked(uow: UnitOfWork, wiring: Wiring, slug: str, answers: dict[str, str]) -> TrialResult:
    trial = start_trial(uow, slug=slug, inputs={"sum": 9}, answers=answers, network="192.0.2.1")
    finish(uow, wiring, trial)
    return get_trial(uow, trial_id=trial)


def test_where_a_person_would_be_asked_a_trial_stops_and_goes_on_with_the_button_pressed(uow: UnitOfWork, wiring: Wiring) -> None:
    slug = make_asking(uow)
    first = asked(uow, wiring, slug, {})
    assert first.question is not None
    assert (first.is_over, first.problem, first.output) == (True, "", {})
    assert (first.question.title, first.question.message, first.question.fields) == ("Pay 9?", "It is **much**.", ("Reason",))
    assert [(one.id, one.label) for one in first.question.buttons] == [("pay", "Pay it"), ("reject", "Send it back")]
    refused = asked(uow, wiring, slug, {first.question.id: "reject"})
    assert (refused.output, refused.question) == ({"result": "sent back"}, None)
    second = asked(uow, wiring, slug, {first.question.id: "pay"})
    assert second.question is not None
    assert (second.question.title, CANARY in repr((first, second))) == ("Sure?", False)
    paid = asked(uow, wiring, slug, {first.question.id: "pay", second.question.id: "approve"})
    assert paid.output == {"result": "paid for 9"}


def test_an_answer_to_no_question_or_by_no_button_is_refused_and_starts_nothing(uow: UnitOfWork, wiring: Wiring) -> None:
    slug = make_asking(uow)
    first = asked(uow, wiring, slug, {}).question
    assert first is not None
    for answers in ({"end": "pay"}, {first.id: "destroy"}, {first.id: ["pay"]}, {first.id: None}, ["pay"], "pay"):
        with pytest.raises(Invalid) as refused:
            start_trial(uow, slug=slug, inputs={"sum": 9}, answers=answers, network="192.0.2.1")
        assert list(refused.value.fields) == ["answers"]
    assert len(uow.session.exec(select(Run.id)).all()) == 1


def test_each_answer_is_a_trial_of_the_hour(uow: UnitOfWork, wiring: Wiring) -> None:
    slug = make_asking(uow)
    first = asked(uow, wiring, slug, {}).question
    assert first is not None
    for _ in range(EACH_HOUR - 1):
        start_trial(uow, slug=slug, inputs={"sum": 9}, answers={first.id: "pay"}, network="192.0.2.1")
    with pytest.raises(LimitReached):
        start_trial(uow, slug=slug, inputs={"sum": 9}, answers={first.id: "pay"}, network="192.0.2.1")


def test_a_trial_is_no_task_and_no_run_of_anybodys(uow: UnitOfWork, wiring: Wiring, listing: str) -> None:
    uow.actor = actor = make_member(uow, Role.OWNER)
    trial = start_trial(uow, slug=listing, inputs={"question": "Why?"})
    finish(uow, wiring, trial, models=Oracle())
    row = uow.session.exec(select(Run)).one()
    assert (row.workspace_id, row.created_by, row.is_dry, row.trigger) == (SANDBOX, None, True, "trial")
    assert (uow.actor, list_runs(uow).rows) == (actor, ())


def test_its_creator_sees_how_often(uow: UnitOfWork) -> None:
    uow.actor = seller = make_member(uow, Role.OWNER)
    slug = make_listing(uow).slug
    uow.actor = make_member(uow)
    for _ in range(2):
        start_trial(uow, slug=slug, inputs={"question": "Why?"})
    uow.actor = seller
    assert [(one.trials, one.installs) for one in get_earnings(uow).listings] == [(2, 0)]


def test_what_is_sealed_is_tried_without_being_told(uow: UnitOfWork, wiring: Wiring) -> None:
    uow.actor = make_member(uow, Role.OWNER)
    slug = make_sealed(uow).slug
    uow.actor = None
    assert [field["name"] for field in get_listing(uow, slug=slug).form] == ["question", "number"]
    for number, status in ((1, "succeeded"), (101, "failed")):
        trial = start_trial(uow, slug=slug, inputs={"question": "Why?", "number": number}, network="192.0.2.1")
        finish(uow, wiring, trial, models=Oracle())
        found = get_trial(uow, trial_id=trial)
        assert (found.status, bool(found.problem), CANARY in repr(found)) == (status, status == "failed", False)


def test_what_does_not_fit_the_form_is_refused_by_field(uow: UnitOfWork, listing: str) -> None:
    with pytest.raises(Invalid) as refused:
        start_trial(uow, slug=listing, inputs={}, network="192.0.2.1")
    assert list(refused.value.fields) == ["question"]
    assert uow.session.exec(select(Run.id)).all() == []


def test_too_many_trials_of_one_visitor_are_refused_and_others_go_on(uow: UnitOfWork, listing: str) -> None:
    for _ in range(EACH_HOUR):
        start_trial(uow, slug=listing, inputs={"question": "Why?"}, network="192.0.2.1")
    with pytest.raises(LimitReached):
        start_trial(uow, slug=listing, inputs={"question": "Why?"}, network="192.0.2.1")
    assert start_trial(uow, slug=listing, inputs={"question": "Why?"}, network="192.0.2.2")


def test_who_may_only_look_does_not_run_and_a_foreign_name_is_nothing(uow: UnitOfWork, listing: str) -> None:
    uow.actor = make_member(uow, Role.VIEWER)
    with pytest.raises(NotAllowed):
        start_trial(uow, slug=listing, inputs={"question": "Why?"})
    for name in ("", None, "01a202e4-5dca-7fb7-bf41-394dab487678", uow.workspace_id):
        with pytest.raises(NotFound):
            get_trial(uow, trial_id=name)


def test_trials_are_forgotten_after_a_day(uow: UnitOfWork, wiring: Wiring, clock: FrozenClock, listing: str) -> None:
    first = start_trial(uow, slug=listing, inputs={"question": "Secret?"}, network="192.0.2.1")
    finish(uow, wiring, first, models=Oracle())
    clock.advance(days=4000)  # past the machine's own clock, by which runs are dated
    second = start_trial(uow, slug=listing, inputs={"question": "Why?"}, network="192.0.2.1")
    assert [str(run_id) for run_id in uow.session.exec(select(Run.id))] == [second]
    assert uow.session.exec(select(RunEvent.seq).where(col(RunEvent.run_id) == parse_id(first))).all() == []
