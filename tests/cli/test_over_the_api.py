"""Commands over the API against a real server: signing in, tables and JSON, names or ids, and exit codes that scripts can rely on."""

import json
import shutil
import stat
from pathlib import Path

import httpx
import pytest

from app.cli.remote import keep, kept_file, kept_tokens, read_kept
from tests.support.remote import PASSWORD, Shell, address

pytestmark = pytest.mark.xdist_group("over_the_api")  # one server for the whole file

__all__ = ["address"]
EMAIL = "ada@example.com"


@pytest.fixture(scope="module")
def account(address: str) -> str:
    answer = httpx.post(f"{address}/api/v1/auth/register", json={"name": "Ada", "email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 201
    return EMAIL


@pytest.fixture(scope="module")
def signed_in(address: str, account: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one sign-in leaves in a home; to sign in for every test would be too often."""
    shell = Shell(address, tmp_path_factory.mktemp("signed_in"))
    assert shell.login(account).exit_code == 0
    return shell.home


@pytest.fixture
def shell(address: str, signed_in: Path, tmp_path: Path) -> Shell:
    """A shell that is signed in as others are."""
    return Shell(address, Path(shutil.copytree(signed_in, tmp_path / "home")))


@pytest.fixture
def own_shell(address: str, account: str, tmp_path: Path) -> Shell:
    """A shell whose sign-in may be ended, renewed or moved to another workspace."""
    shell = Shell(address, tmp_path)
    signed_in = shell.login(account)
    assert (signed_in.exit_code, "as Ada" in signed_in.stderr) == (0, True), signed_in.output
    return shell


def test_a_sign_in_is_kept_for_its_owner_alone_and_ends_everywhere(own_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(own_shell.home))
    assert stat.S_IMODE(kept_file().stat().st_mode) == 0o600
    assert PASSWORD not in kept_file().read_text()
    before = kept_tokens(read_kept())
    assert before is not None
    assert json.loads(own_shell.run("whoami", "--json").stdout)["role"] == "owner"
    assert own_shell.run("logout").exit_code == 0
    assert read_kept() == {"url": own_shell.url}, "the address stays, the tokens do not"
    keep(own_shell.url, before)
    assert own_shell.run("whoami").exit_code == 3


def test_a_wrong_password_or_nobody_leaves_with_three(address: str, account: str, tmp_path: Path) -> None:
    shell = Shell(address, tmp_path)
    refused = shell.run("login", "--email", account, "--password-stdin", text="wrong wrong wrong\n")
    assert (refused.exit_code, "not right" in refused.stderr) == (3, True)
    nobody = shell.run("agents", "list")
    assert (nobody.exit_code, "agent-factory login" in nobody.stderr) == (3, True)
    assert shell.run("agents", "list", key="af_nope").exit_code == 3


def test_a_server_that_does_not_answer_leaves_with_four(tmp_path: Path) -> None:
    gone = Shell("http://127.0.0.1:9", tmp_path).run("agents", "list", key="af_nope")
    assert (gone.exit_code, "does not answer" in gone.stderr) == (4, True)


def test_an_expired_access_token_is_renewed_and_kept(own_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(own_shell.home))
    kept = kept_tokens(read_kept())
    assert kept is not None
    keep(own_shell.url, type(kept)("expired", kept.refresh))
    assert own_shell.run("whoami").exit_code == 0
    renewed = kept_tokens(read_kept())
    assert renewed is not None
    assert renewed.refresh != kept.refresh
    assert own_shell.run("whoami").exit_code == 0


def test_agents_are_written_found_by_name_and_told_as_table_and_json(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "agent.json"
    file.write_text(json.dumps({"name": "Night triage", "instructions": "Sort it."}))
    made = json.loads(shell.run("agents", "create", "-d", f"@{file}", "--json").stdout)
    assert made["slug"] == "night_triage"
    table = shell.run("agents", "list").stdout.splitlines()
    assert table[0].split() == ["SLUG", "NAME", "MODEL", "VERSION", "UPDATED_AT", "ID"]
    assert any("night_triage" in line for line in table[1:])
    saved = shell.run("agents", "save", "night_triage", "-d", "-", text='{"name": "Night triage", "role": "Sorter"}')
    assert (saved.exit_code, saved.stdout) == (0, "night_triage is at version 2.\n")
    stale = shell.run("agents", "save", "Night triage", "-d", f"@{file}", "--version", "1")
    assert (stale.exit_code, "version 2" in stale.stderr) == (1, True)
    wrong = shell.run("agents", "create", "-d", '{"name": "", "model": "no/such"}')
    assert (wrong.exit_code, "name: " in wrong.stderr, "model: " in wrong.stderr) == (1, True, True)
    assert shell.run("agents", "delete", "night_triage").exit_code == 0
    assert shell.run("agents", "show", "night_triage").exit_code == 1


def test_a_workflow_goes_from_a_file_to_a_run(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("workflows", "create", "Nightly").exit_code == 0
    blueprint = tmp_path / "nightly.yaml"
    assert shell.run("workflows", "export", "Nightly", "-o", str(blueprint)).exit_code == 0
    assert shell.run("workflows", "import", str(blueprint)).stdout.startswith("Created Nightly")
    rows = json.loads(shell.run("workflows", "list", "--json").stdout)
    assert len({row["name"] for row in rows}) == len(rows) == 2, "an import never takes the name of what is there"
    ids = [row["id"] for row in rows]
    assert shell.run("workflows", "validate", ids[0]).exit_code == 0
    run = shell.run("workflows", "run", ids[0], "--idempotency-key", "n1").stdout.strip()
    assert shell.run("workflows", "run", ids[0], "--idempotency-key", "n1").stdout.strip() == run
    assert shell.run("runs", "cancel", run).stdout == "The run is cancelled.\n"
    followed = shell.run("runs", "follow", run)
    assert (followed.exit_code, followed.stdout.splitlines()[-1]) == (5, "The run cancelled.")
    assert [row["status"] for row in json.loads(shell.run("runs", "list", "--status", "cancelled", "--json").stdout)] == ["cancelled"]
    assert json.loads(shell.run("runs", "list", "--until", "2020-01-31", "--json").stdout) == []
    assert shell.run("approvals", "list").exit_code == 0


def test_a_key_made_here_works_without_a_sign_in_within_its_scopes(shell: Shell, tmp_path: Path) -> None:
    made = shell.run("keys", "create", "CI", "-s", "view", "--days", "1")
    key = made.stdout.strip()
    assert key.startswith("af_")
    stranger = Shell(shell.url, tmp_path / "elsewhere")
    assert json.loads(stranger.run("whoami", "--json", key=key).stdout)["permissions"] == ["view"]
    refused = stranger.run("workflows", "create", "No", key=key)
    assert (refused.exit_code, "no scope 'edit'" in refused.stderr) == (1, True)
    row = next(row for row in json.loads(shell.run("keys", "list", "--json").stdout) if row["name"] == "CI")
    assert shell.run("keys", "revoke", row["id"]).exit_code == 0
    assert stranger.run("whoami", key=key).exit_code == 3


def test_a_workflow_is_shared_and_the_trail_tells_of_it(shell: Shell) -> None:
    assert shell.run("workflows", "create", "Payroll").exit_code == 0
    assert shell.run("workflows", "share", "Payroll", "--everyone", "private").exit_code == 0
    lines = shell.run("workflows", "share", "Payroll").stdout.splitlines()
    assert [line.split()[-1] for line in lines] == ["ACCESS", "owner", "private"]
    wrong = shell.run("workflows", "share", "Payroll", "--everyone", "all")
    assert (wrong.exit_code, "private, view, run, edit" in wrong.stderr) == (1, True)
    assert shell.run("workflows", "share", "Payroll", "--with", "nobody@example.com").exit_code == 1
    told = json.loads(shell.run("audit", "list", "--search", "Payroll", "--json").stdout)
    assert ["edit", "private"] in [entry["changes"].get("sharing") for entry in told]
    assert shell.run("audit", "verify").stdout == "Unbroken.\n"


def test_usage_and_credentials_are_told(shell: Shell) -> None:
    assert json.loads(shell.run("usage", "total", "--since", "2026-01-01", "--until", "2026-01-31", "--json").stdout)["calls"] == 0
    assert shell.run("usage", "models").exit_code == 0
    refused = shell.run("usage", "workflows", "--since", "yesterday")
    assert (refused.exit_code, "2026-01-31" in refused.stderr) == (1, True)
    key = {"name": "Crm", "kind": "bearer", "secret": "sk-canary-123456", "hosts": ["api.example.com"]}
    made = shell.run("api", "POST", "/credentials", "-d", json.dumps(key))
    assert made.exit_code == 0, made.stderr
    shown = shell.run("credentials", "show", "Crm", "--json")
    assert (json.loads(shown.stdout)["row"]["name"], "sk-canary" in shown.stdout) == ("Crm", False)
    assert shell.run("credentials", "delete", "Crm").exit_code == 0
    assert shell.run("credentials", "test", "Crm").exit_code == 1


def test_what_is_paid_is_told_and_a_plan_that_is_not_sold_is_refused(shell: Shell) -> None:
    told = json.loads(shell.run("billing", "show", "--json").stdout)
    assert (told["is_on"], told["state"], told["can_buy"]) == (False, "", False)
    assert json.loads(shell.run("billing", "invoices", "--json").stdout) == []
    refused = shell.run("billing", "order", "gold", "--price", "100")
    assert (refused.exit_code, "cannot be bought here" in refused.stderr) == (1, True)
    for command in ("preview", "change"):
        assert "pays for no plan" in shell.run("billing", command, "pro").stderr


def test_purchases_are_told_and_what_is_not_offered_is_refused(shell: Shell) -> None:
    assert json.loads(shell.run("purchases", "list", "--json").stdout) == []
    refused = shell.run("purchases", "buy", "nothing-here", "--price", "100", "--monthly")
    assert (refused.exit_code, "not found" in refused.stderr or "does not exist" in refused.stderr) == (1, True), refused.stderr
    for command in ("show", "cancel", "keep", "refund"):
        assert shell.run("purchases", command, "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd").exit_code == 1


def test_a_report_of_a_review_names_a_reason_that_there_is(shell: Shell) -> None:
    unknown = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
    assert shell.run("reviews", "report", unknown).exit_code == 2
    wrong = shell.run("reviews", "report", unknown, "--ground", "rude")
    assert (wrong.exit_code, "ground: " in wrong.stderr, "off_topic" in wrong.stderr) == (1, True, True), wrong.stderr
    for words in (("report", unknown, "--ground", "spam"), ("appeal", unknown, "He is.")):
        gone = shell.run("reviews", *words)
        assert (gone.exit_code, "not found" in gone.stderr or "does not exist" in gone.stderr) == (1, True), gone.stderr
    assert "operators" in shell.run("moderation", "keep-hidden", unknown, "--reason", "No.").stderr
    assert shell.run("moderation", "keep-hidden", unknown).exit_code == 2


def test_any_route_can_be_called(shell: Shell) -> None:
    assert json.loads(shell.run("api", "GET", "/schedules").stdout)["items"] == []
    assert shell.run("api", "PATCH", "/users/me", "-d", '{"name": "Ada L."}').exit_code == 0
    assert json.loads(shell.run("api", "get", "api/v1/users/me").stdout)["name"] == "Ada L."
    assert shell.run("api", "GET", "/nothing").exit_code == 1
    assert shell.run("api", "POST", "/keys", "-d", "[]").exit_code == 2


def test_a_workspace_is_made_and_chosen_by_name(own_shell: Shell) -> None:
    assert own_shell.run("workspaces", "create", "Second").exit_code == 0
    assert json.loads(own_shell.run("whoami", "--json").stdout)["workspace"] == "Second"
    first = next(row["name"] for row in json.loads(own_shell.run("workspaces", "list", "--json").stdout) if row["name"] != "Second")
    assert own_shell.run("workspaces", "use", first).exit_code == 0
    assert json.loads(own_shell.run("whoami", "--json").stdout)["workspace"] == first
    assert own_shell.run("workspaces", "use", "Nobody's").exit_code == 1
