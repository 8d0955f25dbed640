"""Forged events on the real socket: without a session nothing but the public list answers, and no payload brings a traceback."""

import inspect
import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext

import app.app  # registers every state
from app.binding import OF_REFLEX
from pages import PUBLIC_EVENTS, VISITOR_EVENTS
from tests.support.event_socket import send_events

pytestmark = pytest.mark.xdist_group("socket")  # one server for all files that forge events

HYDRATE = "reflex___state____state.hydrate_and_load"
FOREIGN_ID = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
CANARY = "sk-canary-4f1d2c9e8b7a6055"
NEVER_SAID = ("Traceback", 'File \\"', "site-packages", "sqlalchemy", CANARY)
VALUES: tuple[Any, ...] = (None, FOREIGN_ID, ["x", None], {"$ne": None}, "a\x00b", "\ud800", 10**30, float("nan"), "x" * 100_000)


def handlers() -> list[str]:
    assert app.app.app is not None
    return sorted(RegistrationContext.get().event_handlers)


def arguments_of(name: str) -> list[str]:
    return list(inspect.signature(RegistrationContext.get().event_handlers[name].handler.fn).parameters)[1:]


def demo_cookie(url: str) -> str:
    headers = {"Content-Type": "application/json", "Origin": url}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/api/v1/auth/demo", data=b"{}", headers=headers)) as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]


def changed_states(said: list[dict[str, Any]]) -> set[str]:
    """The states of which the server sent a delta."""
    return {name for update in said for name in update.get("delta") or {}}


@pytest.mark.parametrize("cookie", ["", "af_session=" + "x" * 43])
def test_without_a_session_only_the_public_events_change_anything(site: tuple[str, Path], cookie: str) -> None:
    private = [name for name in handlers() if name not in PUBLIC_EVENTS | OF_REFLEX]
    assert len(private) > 80
    events = [{"name": name, "payload": {"text": "x", "name": "x", "value": "x", "is_open": True}} for name in private]
    said = send_events(site[0], [{"name": HYDRATE}, *events], cookie=cookie, until="/sign-in")
    hydrated = next(index for index, update in enumerate(said) if update.get("delta"))
    private_states = {name for name in changed_states(said[hydrated + 1 :]) if ".pages" in name or ".app" in name}
    assert not private_states
    assert "/sign-in" in json.dumps(said)


def test_the_list_of_public_events_is_short_and_real() -> None:
    assert set(handlers()) >= PUBLIC_EVENTS | OF_REFLEX
    at_the_door = PUBLIC_EVENTS - VISITOR_EVENTS
    assert {name.rsplit(".", 1)[1] for name in at_the_door} == {"load", "guard"}
    assert len(at_the_door) == 7
    looking = ("load", "greet", "forget", "more", "choose", "set_search", "show_all", "toggle_need")
    trying = ("answer_field", "choose_example", "use_example", "undo_example", "start", "press", "follow")
    assert {name.rsplit(".", 1)[1] for name in VISITOR_EVENTS} == {*looking, *trying}


def test_visitors_read_the_marketplace_and_cause_nothing_there(site: tuple[str, Path]) -> None:
    here = {"router_data": {"pathname": "/marketplace/[slug]", "asPath": "/marketplace/log-summary"}}
    states = ("offer_state.ask_install", "offer_state.install", "reviews_state.submit", "reviews_state.vote", "update_state.ask")
    forged = [name for name in handlers() if name.endswith(states)]
    assert len(forged) == len(states)
    load = next(name for name in handlers() if name.endswith("offer_state.load"))
    said = send_events(site[0], [{"name": load} | here], until="Log summary")
    assert "Log summary" in json.dumps(said)
    assert "payment timeout" not in json.dumps([update.get("events") for update in said])
    for name in forged:
        refused = send_events(site[0], [{"name": name, "payload": {"review_id": FOREIGN_ID}} | here], until="/sign-in")
        assert "/sign-in" in json.dumps(refused)
        assert not any("pages" in state for state in changed_states(refused))


def test_a_signed_in_attacker_gets_plain_refusals_for_any_payload(site: tuple[str, Path]) -> None:
    url, log = site
    leaving = ("switch_workspace", "end_session", "end_others", "members_state.confirm")
    names = [name for name in handlers() if (".pages___" in name or ".app___" in name) and not name.endswith(leaving)]
    events = [
        {"name": HYDRATE},
        *({"name": name, "payload": dict.fromkeys(arguments_of(name), value)} for value in VALUES for name in names),
    ]
    said = json.dumps(send_events(url, events, cookie=demo_cookie(url)))
    assert [words for words in NEVER_SAID if words in said] == []
    assert CANARY not in log.read_text(encoding="utf-8")
    with urllib.request.urlopen(f"{url}/healthz") as answer:
        assert answer.status == 200


def test_what_a_refused_handler_had_changed_reaches_the_page(site: tuple[str, Path]) -> None:
    ask = next(name for name in handlers() if name.endswith("plan_state.ask"))
    events = [{"name": HYDRATE}, {"name": ask, "payload": {"plan": "no-such-plan"}}]
    said = send_events(site[0], events, cookie=demo_cookie(site[0]), until='"asked_rx_state_": ""')
    deltas = [state for update in said for name, state in (update.get("delta") or {}).items() if name.endswith("plan_state")]
    told = [delta["asked_rx_state_"] for delta in deltas if "asked_rx_state_" in delta]
    assert told[-2:] == ["no-such-plan", ""]


def test_reflex_own_setter_is_closed_even_for_the_signed_in(site: tuple[str, Path]) -> None:
    setters = [name for name in handlers() if name.endswith(".setvar")]
    assert len(setters) > 10
    payload = {"var_name": "search", "value": "forged-by-setvar"}
    said = send_events(site[0], [{"name": HYDRATE}, *({"name": name, "payload": payload} for name in setters)], cookie=demo_cookie(site[0]))
    assert "does not exist" in json.dumps(said)
    assert "forged-by-setvar" not in json.dumps(said)


def test_the_sign_in_page_finishes_loading_for_a_visitor(site: tuple[str, Path]) -> None:
    here = {"router_data": {"pathname": "/sign-in", "asPath": "/sign-in"}}
    said = send_events(site[0], [{"name": HYDRATE, "payload": {"vars": {}}} | here])
    assert any("door_state" in name for name in changed_states(said[1:]))
    assert '"is_hydrated_rx_state_": true' in json.dumps(said)
