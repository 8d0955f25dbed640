"""The marketplace over HTTP: found and read by visitors where it is public, installed, reviewed and sold by who may."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from app.core.uow import Actor
from app.services.payments.ledger import GATEWAY, PLATFORM, Pair, Source, book, creator_account
from app.wiring import Wiring
from models.ids import new_id, parse_id
from models.run import Run, RunStatus
from models.user import User
from models.workspace import Role
from tests.services.market.test_publishing import FORM, made
from tests.support.api import caller, data_of, person, refusal_of, signed_in, visitor
from tests.support.market import make_listing
from tests.support.people import make_member

UNKNOWN = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
BELOW = "/api/v1/market"


@pytest.fixture
def seller(wiring: Wiring) -> Actor:
    return person(wiring, Role.OWNER)


@pytest.fixture
def slug(wiring: Wiring, seller: Actor) -> str:
    with wiring.unit() as uow:
        uow.actor = seller
        make_listing(uow, name="Quiz maker", category="education", cents=500)
        return make_listing(uow).slug


def closed(wiring: Wiring) -> Wiring:
    return replace(wiring, ports=replace(wiring.ports, has_public_market=False))


def public(wiring: Wiring) -> Wiring:
    return replace(wiring, ports=replace(wiring.ports, has_public_market=True))


def installed_and_run(wiring: Wiring, buyer: TestClient, slug: str) -> None:
    version = data_of(buyer.get(f"{BELOW}/listings/{slug}/install"))["version"]
    workflow_id = data_of(buyer.post(f"{BELOW}/listings/{slug}/install", json={"version": version}))["workflow_id"]
    run_id = data_of(buyer.post(f"/api/v1/workflows/{workflow_id}/runs", json={"inputs": {"question": "Why?"}}))["id"]
    with wiring.unit() as uow:
        uow.session.exec(select(Run).where(Run.id == parse_id(run_id))).one().status = RunStatus.SUCCEEDED


def test_a_visitor_searches_with_every_filter_where_the_market_is_public_and_nowhere_else(wiring: Wiring, slug: str) -> None:
    looking = visitor(public(wiring))
    found = data_of(looking.get(f"{BELOW}/listings", params={"search": "ordr triage"}))
    assert ([row["slug"] for row in found["items"]], found["total"], found["next_cursor"], found["corrected"]) == (
        [slug],
        1,
        None,
        ["ordr"],
    )

    def named(**wish: object) -> list[str]:
        return [row["name"] for row in data_of(looking.get(f"{BELOW}/listings", params=wish))["items"]]  # type: ignore[arg-type]

    assert named(price="free") == ["Order triage"]
    assert named(sort="dearest") == ["Quiz maker", "Order triage"]
    assert named(category="education", price="paid") == ["Quiz maker"]
    assert named(stars=4) == []
    detail = data_of(looking.get(f"{BELOW}/listings/{slug}"))
    assert (detail["is_visitor"], [row["number"] for row in detail["versions"]], bool(detail["permissions"])) == (True, ["1.0.0"], True)
    assert data_of(looking.get(f"{BELOW}/creators/{detail['creator_id']}"))["listing_count"] == 2
    assert {one["key"] for one in data_of(looking.get(f"{BELOW}/categories"))["items"]} >= {"support", "education"}
    assert data_of(looking.get(f"{BELOW}/shelves"))["items"]
    for path in ("listings", "shelves", f"listings/{slug}", f"listings/{slug}/reviews"):
        assert refusal_of(visitor(closed(wiring)).get(f"{BELOW}/{path}")) == (401, "not_signed_in")
    assert refusal_of(visitor(public(wiring), Authorization="Bearer none").get(f"{BELOW}/listings")) == (401, "not_signed_in")
    assert refusal_of(looking.get(f"{BELOW}/listings?sort=password"))[0] == 422


def test_pages_of_results_follow_one_another(wiring: Wiring, seller: Actor) -> None:
    with wiring.unit() as uow:
        uow.actor = seller
        for number in range(26):
            make_listing(uow, name=f"Sorter {number}")
    program = caller(wiring, seller, "view")
    first = data_of(program.get(f"{BELOW}/listings?search=sorter"))
    second = data_of(program.get(f"{BELOW}/listings", params={"search": "sorter", "cursor": first["next_cursor"]}))
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (24, 2, None)
    assert len({row["slug"] for row in first["items"] + second["items"]}) == 26


def test_a_listing_is_tried_by_a_visitor_and_the_trial_is_read_by_who_knows_it(wiring: Wiring, slug: str) -> None:
    looking = visitor(public(wiring))
    assert set(looking.post(f"{BELOW}/listings/{slug}/try", json={}).json()["field_errors"]) == {"question"}
    trial = data_of(looking.post(f"{BELOW}/listings/{slug}/try", json={"inputs": {"question": "Why?"}}))
    assert data_of(looking.get(f"{BELOW}/trials/{trial['id']}"))["is_over"] is False
    assert data_of(looking.get(f"{BELOW}/trials/{trial['id']}"))["question"] is None
    wrong = looking.post(f"{BELOW}/listings/{slug}/try", json={"inputs": {"question": "Why?"}, "answers": {"none": "yes"}})
    assert set(wrong.json()["field_errors"]) == {"answers"}
    assert refusal_of(looking.get(f"{BELOW}/trials/{UNKNOWN}")) == (404, "not_found")


def test_an_install_names_the_version_that_was_read_and_asks_for_the_right_to_edit(wiring: Wiring, slug: str) -> None:
    buyer = caller(wiring, person(wiring))
    path = f"{BELOW}/listings/{slug}/install"
    assert refusal_of(buyer.post(path, json={"version": "0.9.0"})) == (409, "other_version")
    assert refusal_of(caller(wiring, person(wiring, Role.VIEWER), "view").post(path, json={"version": "1.0.0"})) == (403, "not_allowed")
    assert refusal_of(caller(wiring, person(wiring), "view", "run").post(path, json={"version": "1.0.0"})) == (403, "scope_missing")
    made_once = data_of(buyer.post(path, json={"version": "1.0.0"}))
    assert data_of(buyer.post(path, json={"version": "1.0.0"})) == made_once
    assert refusal_of(buyer.get(f"{BELOW}/listings/{slug}/credentials")) == (409, "copy_is_open")
    assert refusal_of(buyer.get(f"{BELOW}/listings/none-such/install")) == (404, "not_found")


def test_a_review_is_written_changed_voted_for_answered_reported_and_taken_back(wiring: Wiring, seller: Actor, slug: str) -> None:
    buyer, other = caller(wiring, person(wiring)), caller(wiring, person(wiring))
    mine = f"{BELOW}/listings/{slug}/review"
    assert refusal_of(buyer.put(mine, json={"stars": 5}))[1] == "not_yet_reviewable"
    installed_and_run(wiring, buyer, slug)
    data_of(buyer.put(mine, json={"stars": 4, "text": "Saves an hour."}))
    data_of(buyer.put(mine, json={"stars": 5, "text": "Two hours."}))
    assert set(buyer.put(mine, json={"stars": 9}).json()["field_errors"]) == {"stars"}
    (row,) = data_of(other.get(f"{mine}s"))["rows"]
    assert (row["stars"], row["text"], row["is_mine"]) == (5, "Two hours.", False)
    path = f"{BELOW}/reviews/{row['id']}"
    assert refusal_of(buyer.post(f"{path}/vote")) == (403, "not_allowed")
    data_of(other.post(f"{path}/vote"))
    assert refusal_of(other.put(f"{path}/reply", json={"text": "Hm"}))[0] == 403
    assert refusal_of(caller(wiring, person(wiring, Role.OWNER), "manage_members").put(f"{path}/reply", json={"text": "Hm"}))[0] == 404
    data_of(caller(wiring, seller, "manage_members").put(f"{path}/reply", json={"text": "Thank you."}))
    (row,) = data_of(buyer.get(f"{mine}s"))["rows"]
    assert (row["helpful_count"], row["reply"], row["is_mine"]) == (1, "Thank you.", True)
    assert refusal_of(other.delete(mine)) == (404, "not_found")
    for body, field in (({}, "ground"), ({"ground": "rude"}, "ground"), ({"ground": "other"}, "reason")):
        assert set(other.post(f"{path}/report", json=body).json()["field_errors"]) == {field}
    data_of(other.post(f"{path}/report", json={"ground": "other", "reason": "Not true."}))
    assert refusal_of(buyer.delete(mine)) == (409, "conflict")


def test_a_review_that_is_taken_back_no_longer_counts(wiring: Wiring, slug: str) -> None:
    buyer = caller(wiring, person(wiring))
    installed_and_run(wiring, buyer, slug)
    mine = f"{BELOW}/listings/{slug}/review"
    data_of(buyer.put(mine, json={"stars": 1}))
    data_of(buyer.delete(mine))
    assert data_of(buyer.get(f"{mine}s"))["rows"] == []
    assert data_of(buyer.get(f"{BELOW}/listings/{slug}"))["card"]["rating_count"] == 0
    assert refusal_of(buyer.delete(mine)) == (404, "not_found")


def test_a_workflow_is_published_decided_on_appealed_for_and_taken_off_the_shelf(wiring: Wiring) -> None:
    seller, operator = person(wiring, Role.ADMIN), person(wiring)
    with wiring.unit() as uow:
        uow.actor = seller
        workflow_id = made(uow)
        boss = uow.session.get_one(User, operator.user_id)
        boss.email_verified_at = uow.ports.clock.now()
        address = boss.email_key
    there = replace(wiring, ports=replace(wiring.ports, operators=frozenset({address})))
    program, desk = caller(there, seller, "view", "edit", "manage_members"), signed_in(there, operator)
    path = f"/api/v1/workflows/{workflow_id}/listing"
    draft = data_of(program.get(path))
    assert all(check["is_ok"] for check in draft["checks"])
    wrong = program.post(path, json={**FORM, "description": "Short."})
    assert (refusal_of(wrong)[0], set(wrong.json()["field_errors"])) == (422, {"description"})
    assert refusal_of(caller(there, seller, "view", "edit").post(path, json=FORM)) == (403, "scope_missing")
    assert refusal_of(caller(there, person(there, Role.OWNER), "manage_members").post(path, json=FORM)) == (404, "not_found")
    slug = data_of(program.post(path, json=FORM))["slug"]
    assert refusal_of(program.get(f"{BELOW}/cases"))[0] == 403
    (case,) = data_of(desk.get(f"{BELOW}/cases"))["items"]
    assert data_of(desk.get(f"{BELOW}/cases/{case['id']}"))["row"]["slug"] == slug
    assert refusal_of(program.post(f"{BELOW}/cases/{case['id']}/approve"))[0] == 403
    data_of(desk.post(f"{BELOW}/cases/{case['id']}/refuse", json={"reason": "Say what it needs."}))
    data_of(program.post(f"{BELOW}/listings/{slug}/appeal", json={"text": "It says so now."}))
    (appeal,) = data_of(desk.get(f"{BELOW}/cases"))["items"]
    data_of(desk.post(f"{BELOW}/cases/{appeal['id']}/approve"))
    buyer = caller(there, person(there))
    assert data_of(buyer.get(f"{BELOW}/listings/{slug}"))["state"] == "live"
    assert data_of(program.put(f"{BELOW}/listings/{slug}/price", json={"price": "25"}))["price"] == "$25.00"
    assert refusal_of(buyer.post(f"{BELOW}/listings/{slug}/unlist"))[0] == 403
    data_of(program.post(f"{BELOW}/listings/{slug}/unlist"))
    assert refusal_of(buyer.get(f"{BELOW}/listings/{slug}")) == (404, "not_found")
    data_of(program.post(f"{BELOW}/listings/{slug}/relist"))
    data_of(desk.post(f"{BELOW}/listings/{slug}/take-down", json={"reason": "It sends letters to nobody."}))
    assert refusal_of(program.post(f"{BELOW}/listings/{slug}/relist")) == (409, "listing_removed")


def test_a_seller_reads_what_was_earned(wiring: Wiring, seller: Actor, slug: str) -> None:
    program = caller(wiring, seller, "view", "manage_members")
    assert {row["slug"] for row in data_of(program.get(f"{BELOW}/earnings"))["listings"]} >= {slug}
    assert data_of(program.get(f"{BELOW}/revenue"))["items"]
    assert data_of(program.get(f"{BELOW}/sales"))["text"].count("\n") >= 1
    for path in ("earnings", "revenue", "sales"):
        assert refusal_of(caller(wiring, seller, "view").get(f"{BELOW}/{path}")) == (403, "scope_missing")
        assert refusal_of(caller(wiring, person(wiring), "view").get(f"{BELOW}/{path}")) == (403, "not_allowed")


def test_operators_read_the_platforms_money_and_set_its_part(wiring: Wiring, seller: Actor, slug: str) -> None:
    with wiring.unit() as uow:
        boss = make_member(uow)
        found = uow.session.get_one(User, boss.user_id)
        found.email_verified_at, address = uow.ports.clock.now(), found.email_key
        book(uow, Source("purchase:x", "usd", "test", new_id()), [Pair("sale_platform", GATEWAY, PLATFORM, 400)])
    desk = signed_in(replace(wiring, ports=replace(wiring.ports, operators=frozenset({address}))), boss)
    (report,) = data_of(desk.get(f"{BELOW}/report"))["items"]
    assert {line["key"]: line["cents"] for line in report["lines"]}["fees"] == 400
    assert "received,400" in data_of(desk.get(f"{BELOW}/report/file"))["text"]
    assert "until" in desk.get(f"{BELOW}/report", params={"until": "soon"}).json()["field_errors"]
    made = data_of(desk.post(f"{BELOW}/fees", json={"slug": slug, "percent": "12.5"}))
    assert (made["percent"], made["is_now"]) == ("12.5", True)
    assert [row["slug"] for row in data_of(desk.get(f"{BELOW}/fees"))["items"]] == [slug]
    assert "percent" in desk.post(f"{BELOW}/fees", json={"slug": slug, "percent": "120"}).json()["field_errors"]
    stranger = signed_in(wiring, seller)
    for path in ("report", "report/file", "fees"):
        assert refusal_of(stranger.get(f"{BELOW}/{path}"))[0] in (403, 404)
    assert refusal_of(stranger.post(f"{BELOW}/fees", json={"slug": slug, "percent": "0"}))[0] in (403, 404)


def test_a_creator_is_paid_by_a_person_and_keys_only_look(wiring: Wiring) -> None:
    owner = person(wiring, Role.OWNER)
    program, desk = caller(wiring, owner, "view", "manage_members", "manage_workspace"), signed_in(wiring, owner)
    with wiring.unit() as uow:
        account = creator_account(owner.workspace_id)
        book(uow, Source("purchase:y", "usd", "test", new_id()), [Pair("sale_creator", GATEWAY, account, 1_600)])
    found = data_of(program.get(f"{BELOW}/payouts"))
    assert (found["balance_cents"], found["available"], found["has_account"], found["payouts"]) == (1_600, "$16.00", False, [])
    for path in ("", "/account", f"/{UNKNOWN}/send-again"):
        assert refusal_of(program.post(f"{BELOW}/payouts{path}")) == (403, "person_needed")
    assert refusal_of(desk.post(f"{BELOW}/payouts")) == (422, "no_payout_account")
    assert data_of(desk.post(f"{BELOW}/payouts/account"))["next"].endswith("/marketplace/sell?payouts=back")
    paid = data_of(desk.post(f"{BELOW}/payouts"))
    assert (paid["balance_cents"], [(row["amount"], row["state"]) for row in paid["payouts"]]) == (0, [("$16.00", "paid")])
    assert refusal_of(desk.post(f"{BELOW}/payouts")) == (422, "nothing_to_pay_out")
    assert refusal_of(desk.post(f"{BELOW}/payouts/{UNKNOWN}/send-again")) == (404, "not_found")
    assert refusal_of(caller(wiring, person(wiring), "view").get(f"{BELOW}/payouts")) == (403, "not_allowed")


def test_operators_hide_a_reported_review_and_show_it_again(wiring: Wiring, seller: Actor, slug: str) -> None:
    operator = person(wiring)
    with wiring.unit() as uow:
        boss = uow.session.get_one(User, operator.user_id)
        boss.email_verified_at, address = uow.ports.clock.now(), boss.email_key
    there = replace(wiring, ports=replace(wiring.ports, operators=frozenset({address})))
    buyer, other, desk = caller(there, person(there)), caller(there, person(there)), signed_in(there, operator)
    installed_and_run(there, buyer, slug)
    data_of(buyer.put(f"{BELOW}/listings/{slug}/review", json={"stars": 1, "text": "Bob is a fool."}))
    (row,) = data_of(other.get(f"{BELOW}/listings/{slug}/reviews"))["rows"]
    one = f"{BELOW}/reviews/{row['id']}"
    data_of(other.post(f"{one}/report", json={"ground": "offensive", "reason": "It insults."}))
    (waiting,) = data_of(desk.get(f"{BELOW}/reviews"))["items"]
    assert (waiting["id"], waiting["slug"], waiting["reports"]) == (row["id"], slug, 1)
    assert waiting["reasons"] == [{"ground": "offensive", "label": "Offensive or hateful", "count": 1, "texts": ["It insults."]}]
    for path, body in (("hide", {"reason": "No."}), ("keep-hidden", {"reason": "No."}), ("show", None), ("dismiss", None)):
        for stranger in (other, signed_in(there, seller)):
            assert refusal_of(stranger.post(f"{one}/{path}", json=body))[0] == 403
        assert refusal_of(desk.post(f"{BELOW}/reviews/{UNKNOWN}/{path}", json=body)) == (404, "not_found")
    assert refusal_of(signed_in(there, seller).get(f"{BELOW}/reviews"))[0] == 403
    assert set(desk.post(f"{one}/hide", json={"reason": " "}).json()["field_errors"]) == {"reason"}
    data_of(desk.post(f"{one}/hide", json={"reason": "It insults."}))
    assert refusal_of(desk.post(f"{one}/hide", json={"reason": "It insults."})) == (409, "review_hidden")
    assert data_of(other.get(f"{BELOW}/listings/{slug}/reviews"))["rows"] == []
    assert data_of(desk.get(f"{BELOW}/reviews"))["items"] == []
    mine = data_of(buyer.get(f"{BELOW}/listings/{slug}/reviews"))["hidden"]
    assert (mine["id"], mine["reason"], mine["state"]) == (row["id"], "It insults.", "hidden")
    assert data_of(other.get(f"{BELOW}/listings/{slug}/reviews"))["hidden"] is None
    assert [item["id"] for item in data_of(desk.get(f"{BELOW}/reviews?state=hidden"))["items"]] == [row["id"]]
    _appeal(buyer, other, desk, one)
    data_of(desk.post(f"{one}/show"))
    assert refusal_of(desk.post(f"{one}/show")) == (409, "review_shown")
    assert refusal_of(desk.post(f"{one}/dismiss")) == (409, "reports_settled")
    assert data_of(other.get(f"{BELOW}/listings/{slug}"))["card"]["rating_count"] == 1


def _appeal(author: TestClient, other: TestClient, desk: TestClient, one: str) -> None:
    """Answered once by its author alone, and kept hidden."""
    assert refusal_of(other.post(f"{one}/appeal", json={"text": "Why?"})) == (404, "not_found")
    assert refusal_of(desk.post(f"{one}/keep-hidden", json={"reason": "No."})) == (409, "case_decided")
    assert set(author.post(f"{one}/appeal", json={"text": " "}).json()["field_errors"]) == {"appeal"}
    data_of(author.post(f"{one}/appeal", json={"text": "He is."}))
    assert refusal_of(author.post(f"{one}/appeal", json={"text": "He is."})) == (409, "no_appeal")
    data_of(desk.post(f"{one}/keep-hidden", json={"reason": "Say it politely."}))
    (row,) = data_of(desk.get(f"{BELOW}/reviews?state=hidden"))["items"]
    told = ("state", "hidden_reason", "appeal", "answer")
    assert [row[key] for key in told] == ["kept", "It insults.", "He is.", "Say it politely."]
