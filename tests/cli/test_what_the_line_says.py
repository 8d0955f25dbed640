"""What the command line says to a stranger: refusals with a next step, values as people read them, and no secret in a shell's history."""

import json
import platform
import re
from pathlib import Path

import httpx
import pytest

from agent_factory import NotAuthenticated
from app.cli.account import token_of
from app.cli.named_inputs import typed_inputs
from app.cli.printing import cell, lines_of
from app.cli.remote import who_is_asked
from app.core.permissions import Permission
from tests.support.remote import PASSWORD, Shell, address

pytestmark = pytest.mark.xdist_group("over_the_api")

__all__ = ["address"]
EMAIL = "grace@example.com"
GUEST = "guest@example.com"


@pytest.fixture(scope="module")
def shell(address: str, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    for name, email in (("Grace", EMAIL), ("Guest", GUEST)):
        answer = httpx.post(f"{address}/api/v1/auth/register", json={"name": name, "email": email, "password": PASSWORD})
        assert answer.status_code == 201
    shell = Shell(address, tmp_path_factory.mktemp("home"))
    assert shell.login(EMAIL).exit_code == 0
    return shell


def test_an_invitation_is_taken_by_the_link_that_was_printed(shell: Shell, tmp_path: Path) -> None:
    link = shell.run("members", "invite").stdout.strip()
    assert "token=" in link
    guest = Shell(shell.url, tmp_path)
    assert guest.login(GUEST).exit_code == 0
    assert guest.run("workspaces", "invitation", link).exit_code == 0
    joined = guest.run("workspaces", "join", link)
    assert (joined.exit_code, "You are in" in joined.stdout) == (0, True), joined.stderr


def test_a_token_alone_is_taken_too() -> None:
    assert token_of("abc_123") == "abc_123"
    assert token_of("https://agents.example.com/invite?token=abc_123") == "abc_123"


def test_a_wrong_password_is_not_told_to_log_in(shell: Shell, tmp_path: Path) -> None:
    refused = Shell(shell.url, tmp_path).run("login", "--email", EMAIL, "--password-stdin", text="wrong wrong wrong\n")
    assert (refused.exit_code, "agent-factory login" in refused.stderr) == (3, False)


def test_a_second_factor_is_asked_for_by_its_option() -> None:
    assert "--code" in who_is_asked(NotAuthenticated("Enter the code.", code="second_factor_needed"), "", "")


def test_a_key_that_does_not_count_is_named_by_where_it_came_from(shell: Shell) -> None:
    told = shell.run("agents", "list", key="af_nope")
    assert (told.exit_code, "AF_API_KEY" in told.stderr, "login" in told.stderr) == (3, True, False)
    assert "--api-key" in shell.run("agents", "list", "--api-key", "af_nope").stderr


def test_a_sign_in_that_ended_is_told_as_such(shell: Shell, tmp_path: Path) -> None:
    own = Shell(shell.url, tmp_path)
    assert own.login(EMAIL).exit_code == 0
    (kept,) = tmp_path.glob("**/sign-in.json")
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"access_token": "over", "refresh_token": "over"}))
    told = own.run("whoami")
    assert (told.exit_code, f"login --url {shell.url}" in told.stderr, "refresh" in told.stderr) == (3, True, False), told.stderr


def test_a_server_that_is_down_has_a_next_step(tmp_path: Path) -> None:
    told = Shell("http://127.0.0.1:9", tmp_path).run("agents", "list", key="af_nope").stderr
    assert ("Connection refused" in told, "Errno" in told, "agent-factory up" in told) == (True, False, True)


def test_inputs_are_taken_one_by_one_and_a_mistake_shows_what_is_wanted(shell: Shell) -> None:
    assert shell.run("workflows", "create", "Asked").exit_code == 0
    wrong = shell.run("workflows", "run", "Asked", "--inputs", "question=hi")
    assert (wrong.exit_code, '{"name": "value"}' in re.sub(r"[\s│]+", " ", wrong.stderr)) == (2, True), wrong.stderr
    started = shell.run("workflows", "run", "Asked", "--input", "question=hi", "--json")
    assert started.exit_code == 0, started.stderr
    run = json.loads(shell.run("runs", "show", json.loads(started.stdout)["id"], "--json").stdout)
    assert run["inputs"] == {"question": "hi"}


def test_a_text_field_gets_text_and_others_what_json_reads() -> None:
    fields = [{"name": "code", "type": "text"}, {"name": "count", "type": "number"}]
    definition = {"nodes": [{"kind": "start", "config": {"fields": fields}}]}
    assert typed_inputs(["code=007", "count=3", "more=a=b"], definition) == {"code": "007", "count": 3, "more": "a=b"}


def test_the_sessions_page_knows_the_command_line_by_its_machine(shell: Shell) -> None:
    rows = json.loads(shell.run("account", "sessions", "--json").stdout)
    host = re.sub(r"[^A-Za-z0-9._-]+", "-", platform.node())[:60]
    assert f"Command line on {host}/{platform.system()}" in {row["device"] for row in rows}


def test_a_secret_is_read_from_standard_input(shell: Shell) -> None:
    settings = json.dumps({"name": "Tracker", "kind": "bearer", "hosts": ["api.example.com"]})
    made = shell.run("credentials", "create", "-s", settings, "--secret-stdin", text="sk-canary-7890\n")
    assert (made.exit_code, "sk-canary" in made.output) == (0, False), made.output
    lines = shell.run("credentials", "show", "Tracker").stdout.splitlines()
    assert "row:" in lines
    assert "  name: Tracker" in lines
    assert "  last_four: 7890" in lines


def test_values_are_printed_as_people_read_them() -> None:
    assert cell("cost_micros", 1200) == "$0.0012"
    assert cell("cost_micros", 2_500_000) == "$2.50"
    assert cell("duration_ms", 1234) == "1.2 s"
    assert cell("created_at", "2026-03-04T09:00:00.123456Z") == "2026-03-04 09:00:00"
    assert cell("roles", ["owner", "admin"]) == "owner, admin"
    assert list(lines_of({"scopes": ["view", "run"], "rows": [{"at": 1}]})) == ["scopes: view, run", "rows:", "  - at 1"]


def test_tables_name_things_first_and_ids_last(shell: Shell) -> None:
    head = shell.run("runs", "list").stdout.splitlines()
    if not head:
        assert shell.run("workflows", "create", "Listed").exit_code == 0
        assert shell.run("workflows", "run", "Listed").exit_code == 0
        head = shell.run("runs", "list").stdout.splitlines()
    assert head[0].split() == ["TITLE", "STATUS", "CREATED_AT", "DURATION", "COST", "ERROR_MESSAGE", "ID"]


def test_all_scopes_of_a_key_are_listed(shell: Shell) -> None:
    told = re.sub(r"[\s│]+", "", shell.run("keys", "create", "--help").stdout)
    assert all(scope in told for scope in Permission)
