"""Any browser can call any handler with any payload: without a session, or with somebody else's tab, it gets nothing."""

import json
import urllib.request
import uuid
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext

import app.app  # registers every state
from tests.support.event_socket import send_events
from tests.support.site import Site

HYDRATE = "reflex___state____state.hydrate_and_load"
SECRETS = ("demo@agentfactory.local", "Demo workspace", "in use now")
FOREIGN_ID = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
HOSTILE: tuple[dict[str, Any], ...] = (
    {},
    {"workspace_id": FOREIGN_ID, "session_id": FOREIGN_ID, "name": "x", "var_name": "is_ready", "value": True},
    {"name": {"$ne": None}, "workspace_id": ["x"], "session_id": 7, "_owner": "x", "role": "owner"},
)


def demo_cookie(site: Site) -> str:
    asked = urllib.request.Request(
        f"{site.url}/api/v1/auth/demo", data=b"{}", headers={"Content-Type": "application/json", "Origin": site.url}
    )
    with urllib.request.urlopen(asked) as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]


def handlers() -> list[str]:
    assert app.app.app is not None
    return sorted(name for name in RegistrationContext.get().event_handlers if ".pages___" in name or ".app___" in name)


def test_every_handler_is_deaf_to_a_visitor_without_a_session(site: Site) -> None:
    names = handlers()
    assert len(names) >= 10
    events = [{"name": HYDRATE}, *({"name": name, "payload": payload} for name in names for payload in HOSTILE)]
    said = json.dumps(send_events(site.url, events))
    assert [secret for secret in SECRETS if secret in said] == []
    assert "Traceback" not in said


@pytest.mark.parametrize("cookie", ["", "af_session=" + "x" * 43, "af_session="])
def test_the_tab_of_a_signed_in_person_cannot_be_taken_over(site: Site, cookie: str) -> None:
    token, guard = str(uuid.uuid4()), next(name for name in handlers() if name.endswith("session_state.guard"))
    mine = json.dumps(send_events(site.url, [{"name": HYDRATE}, {"name": guard}], cookie=demo_cookie(site), token=token))
    assert SECRETS[0] in mine
    theirs = json.dumps(send_events(site.url, [{"name": HYDRATE}, {"name": guard}], cookie=cookie, token=token))
    assert [secret for secret in SECRETS if secret in theirs] == []
    assert "window.location.reload()" in theirs


def test_a_page_of_another_site_cannot_open_the_socket(site: Site) -> None:
    with pytest.raises(ConnectionError):
        send_events(site.url, [{"name": HYDRATE}], cookie=demo_cookie(site), origin="https://evil.example")
