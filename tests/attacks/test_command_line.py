"""The command line in the hands of those who have no right: every command is tried by each of them. Nothing is told, nothing is done."""

import io
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.cli import remote
from app.core.permissions import GRANTS
from app.core.uow import Actor
from app.services import access, accounts, conversations, history, members, outgoing, workflow_tests
from app.wiring import Wiring
from models.ids import new_id
from models.run import Approval
from models.workspace import Membership, Role, Workspace
from tests.attacks.belongings import belongings, rows_of
from tests.attacks.commands import CALLS_ANYTHING, case_of, every_command, root, thing_of, things_of, typed
from tests.attacks.test_private_things import AGENT, CANARY, NAME, Private, make_private, stranger, viewer
from tests.support.api import key_of, visitor
from tests.support.clock import FrozenClock
from tests.support.credentials import make_credential
from tests.support.people import make_member
from tests.support.rules import make_rule

pytestmark = pytest.mark.xdist_group("command_line")

SITE = "http://factory.test"
ABSENT = "0198c3f0-aaaa-7bbb-8ccc-dddddddddddd"
OF_THE_WORKSPACE = frozenset(
    {"credential_id", "endpoint_id", "invoice_id", "message_id", "order_id", "receipt_id", "rule_id", "user_id", "workspace_id"}
)  # colleagues may see these, or are told that their role may not
# They ask nobody who is there: a letter or a link is what one shows.
OPEN = {("account", one) for one in ("register", "forgot-password", "reset-password", "confirm-address")}
FOLLOWED = {("agents", "try"), ("runs", "follow")}  # who has the right follows what waits for a worker
HARMLESS = ("/validate", "/check", "/preview", "/timing")  # posted, and changing nothing


@dataclass
class Terminal:
    """The command line, answered by the assembled API; `sent` are the requests with the status of their answers."""

    environment: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]
    sent: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])

    def run(self, *words: str, key: str = "") -> tuple[int, str, str]:
        """Exit code and what stood on the terminal."""
        self.environment.setenv("AF_API_KEY", key)
        sys.stdin = io.TextIOWrapper(io.BytesIO(b"a long password 9\nanother password 9\n"))
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ending:
            root().main(args=list(words), prog_name="agent-factory")
        told = self.capture.readouterr()
        assert "Traceback" not in told.err, words
        return int(ending.value.code or 0), told.out, told.err


@pytest.fixture
def terminal(wiring: Wiring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    for name, value in {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path), "AF_URL": SITE}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdin", sys.stdin)
    inside = visitor(wiring)
    one = Terminal(monkeypatch, capsys)

    def answer(_transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answered = inside.request(request.method, request.url.raw_path.decode(), content=request.read(), headers=dict(request.headers))
        one.sent.append((request.method, request.url.path, answered.status_code))
        return httpx.Response(answered.status_code, content=answered.content, headers={"Content-Type": answered.headers["content-type"]})

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", answer)
    return one


@pytest.fixture
def private(wiring: Wiring) -> Private:
    """What one member keeps for themselves, with an id of every kind that a command can be given."""
    made = make_private(wiring)
    with wiring.unit(made.maker) as uow:
        uow.actor = replace(made.maker, role=Role.OWNER, session_id=new_id())
        ids = made.ids
        version = history.name_version(uow, workflow_id=ids["workflow_id"], version_id="draft", name=NAME)
        turn = conversations.send_message(
            uow, conversation_id=ids["conversation_id"], text=CANARY, draft_spec={"name": AGENT, "model": "demo/assistant"}
        )
        test = workflow_tests.save_test(uow, workflow_id=ids["workflow_id"], content={"name": NAME, "inputs": {"name": CANARY}})
        more = belongings(uow)
        asked = Approval(workspace_id=made.maker.workspace_id, run_id=uuid.UUID(ids["run_id"]), node="approve", title=NAME, request={})
        uow.session.add(asked)
        uow.session.flush()
        ids |= more | {
            "version_id": version.id,
            "chat_message_id": turn.user_message_id,
            "test_id": test.id,
            "message_id": str(outgoing.send_test(uow, endpoint_id=more["endpoint_id"]).row.id),
            "credential_id": str(make_credential(uow).id),
            "rule_id": str(make_rule(uow).id),
            "key_id": str(access.create_api_key(uow, name=NAME, scopes=["view"]).row.id),
            "approval_id": str(asked.id),
            "user_id": str(made.maker.user_id),
            "workspace_id": str(made.maker.workspace_id),
        }
    return made


def known(private: Private) -> dict[str, str]:
    """An id of each kind, of something that is there."""
    kinds = {thing_of(path, one) for path, command in every_command() for one in command.params} - {""}
    return {kind: private.ids[kind] for kind in kinds}


def state_of(private: Private) -> dict[str, Any]:
    """What must not have changed."""
    with private.wiring.unit(write=False) as uow:
        return {"workflow and runs": private.state(), **rows_of(uow, private.maker)}


def tells(text: str) -> list[str]:
    return [word for word in (NAME, AGENT, CANARY) if word in text]


def blank(text: str, ids: dict[str, str]) -> str:
    """Without the ids that were typed: what is left must be the same for what is there and for what is not."""
    for one in (*ids.values(), ABSENT, NAME, AGENT, "Nobody's thing"):
        text = text.replace(one, "...")
    return text


def test_every_argument_of_every_command_has_a_case() -> None:
    assert len(every_command()) >= 260
    assert CALLS_ANYTHING not in {path[0] for path, _ in every_command()}
    for path, command in every_command():
        for parameter in command.params:
            if parameter.param_type_name == "argument" or parameter.required:
                assert thing_of(path, parameter) or case_of(path, parameter), (path, parameter.name)
    assert sum(bool(things_of(path, command)) for path, command in every_command()) >= 120


def sign_in(private: Private, actor: Actor) -> None:
    """As `agent-factory login` leaves it: what only a person may do, such as ending sessions, is open then, too."""
    with private.wiring.unit() as uow:
        pair = access.open_token_session(uow, credentials=accounts.Credentials(user_id=actor.user_id, password_hash=""))
    remote.keep(SITE, remote.Tokens(pair.access_token, pair.refresh_token))


@pytest.mark.parametrize("who", ["colleague", "stranger", "stranger signed in"])
def test_what_is_out_of_reach_is_refused_in_the_words_for_what_is_absent(terminal: Terminal, private: Private, who: str) -> None:
    actor = private.colleague if who == "colleague" else stranger(private)
    hidden = OF_THE_WORKSPACE if who == "colleague" else frozenset[str]()
    key = "" if who == "stranger signed in" else key_of(private.wiring, actor, *sorted(GRANTS[actor.role]))
    if not key:
        sign_in(private, actor)
    ids, before, tried = known(private), state_of(private), 0
    for path, command in every_command():
        things = set(things_of(path, command))
        if not things or things & hidden:
            continue
        tried += 1
        found = terminal.run(*typed(path, command, ids), key=key)
        absent = terminal.run(*typed(path, command, dict.fromkeys(ids, ABSENT)), key=key)
        assert (found[0], found[1]) == (remote.REFUSED, ""), (path, found)
        assert [*map(str, found[:2]), blank(found[2], ids)] == [*map(str, absent[:2]), blank(absent[2], ids)], path
        assert not tells(found[2]), path
    assert tried > 90
    assert state_of(private) == before


@pytest.mark.parametrize("who", ["colleague", "stranger"])
def test_names_of_others_open_nothing(terminal: Terminal, private: Private, who: str) -> None:
    actor = private.colleague if who == "colleague" else stranger(private)
    key = key_of(private.wiring, actor, *sorted(GRANTS[actor.role]))
    ids, before, tried = known(private), state_of(private), 0
    named = {**ids, "workflow_id": NAME, "agent_id": AGENT, "run_id": ABSENT}
    nobodys = {**ids, "workflow_id": "Nobody's thing", "agent_id": "Nobody's thing", "run_id": ABSENT}
    for path, command in every_command():
        if not set(things_of(path, command)) & {"workflow_id", "agent_id"}:
            continue
        tried += 1
        found = terminal.run(*typed(path, command, named), key=key)
        absent = terminal.run(*typed(path, command, nobodys), key=key)
        assert (found[0], found[1]) == (remote.REFUSED, ""), (path, found)
        assert blank(found[2], ids) == blank(absent[2], ids), path
        assert CANARY not in found[2], path
    assert tried > 40
    assert state_of(private) == before


def test_lists_tell_a_colleague_of_nothing_private(terminal: Terminal, private: Private) -> None:
    key = key_of(private.wiring, private.colleague, *sorted(GRANTS[private.colleague.role]))
    told = [path for path, command in every_command() if not things_of(path, command) and path not in FOLLOWED]
    for path in told:
        words = typed(path, dict(every_command())[path], known(private))
        for more in ((), ("--json",)):
            code, out, err = terminal.run(*words, *more, key=key)
            assert not tells(out + err), (path, out)
            assert code in (0, 1, 2), path


def test_a_viewer_changes_nothing_by_any_command(terminal: Terminal, private: Private) -> None:
    key = key_of(private.wiring, viewer(private), "view")
    ids, before = known(private), state_of(private)
    for path, command in every_command():
        if path in FOLLOWED:
            continue
        terminal.sent.clear()
        code, _, _ = terminal.run(*typed(path, command, ids), key=key)
        changed = [one for one in terminal.sent if one[0] != "GET" and one[2] < 400 and not one[1].endswith(HARMLESS)]
        assert not changed or path in OPEN | {("listings", "try")}, (path, changed)
        refused = any(one[2] in (401, 403, 404, 409, 412, 422, 428) for one in terminal.sent)
        assert not refused or code in (remote.REFUSED, remote.FAILED), (path, code, terminal.sent)
    assert state_of(private) == before


def test_the_edit_that_is_attacked_is_one_that_its_maker_can_make(terminal: Terminal, private: Private) -> None:
    path = ("workflows", "edit")
    code, _, told = terminal.run(
        *typed(path, dict(every_command())[path], known(private)), key=key_of(private.wiring, private.maker, "edit")
    )
    assert (code, [one[0] for one in terminal.sent]) == (0, ["POST"]), told


OWNED = (
    "coupons pause COUPON", "members resend INVITATION", "billing invoice INVOICE", "purchases show ORDER", "purchases receipt RECEIPT",
    "remote webhooks delivery DELIVERY", "remote endpoints revoke-secret ENDPOINT SECRET", "account end-session SESSION",
)  # fmt: skip


@pytest.mark.parametrize("line", OWNED)
def test_the_things_that_are_attacked_are_there_for_whom_they_belong_to(terminal: Terminal, private: Private, line: str) -> None:
    with private.wiring.unit() as uow:
        uow.session.connection().execute(sa.update(Membership).where(Membership.user_id == private.maker.user_id).values(role=Role.OWNER))  # type: ignore[arg-type]
    sign_in(private, private.maker)
    words = [private.ids[f"{word.lower()}_id"] if word.isupper() else word for word in line.split()]
    code, _, err = terminal.run(*words)
    assert (code, err) == (0, "")


def revoked(private: Private) -> str:
    with private.wiring.unit(private.colleague) as uow:
        made = access.create_api_key(uow, name="Old", scopes=["view", "edit"])
        access.revoke_api_key(uow, key_id=made.row.id)
    return made.secret


def removed(private: Private) -> str:
    key = key_of(private.wiring, private.colleague)
    with private.wiring.unit() as uow:
        owner = make_member(uow, Role.OWNER, workspace=uow.session.get(Workspace, private.maker.workspace_id))
        uow.actor = replace(owner, session_id=new_id())
        members.remove_member(uow, user_id=str(private.colleague.user_id))
    return key


def expired_key(private: Private) -> str:
    key = key_of(private.wiring, private.colleague)
    clock = private.wiring.ports.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(days=400)
    return key


@pytest.mark.parametrize("spoil", [revoked, removed, expired_key])
def test_a_key_that_counts_no_more_is_answered_like_one_that_never_was(
    terminal: Terminal, private: Private, spoil: Callable[[Private], str]
) -> None:
    key, ids = spoil(private), known(private)
    before = state_of(private)
    never = "af_" + "x" * 43
    for path, command in every_command():
        if path not in OPEN:
            terminal.sent.clear()
            words = typed(path, command, ids)
            told = terminal.run(*words, "--json", key=key)
            statuses = {one[2] for one in terminal.sent}
            assert told == terminal.run(*words, "--json", key=never), path
            assert (told[0], told[1], statuses) == (remote.NOT_SIGNED_IN, "", {401}), path
    assert state_of(private) == before


def test_a_sign_in_that_has_expired_is_asked_for_anew_by_every_command(terminal: Terminal, private: Private) -> None:
    sign_in(private, private.colleague)
    kept = remote.kept_tokens(remote.read_kept())
    clock = private.wiring.ports.clock
    assert isinstance(clock, FrozenClock)
    assert kept
    clock.advance(days=400)
    ids = known(private)
    for path, command in every_command():
        if path not in OPEN:
            remote.keep(SITE, kept)
            terminal.sent.clear()
            code, out, err = terminal.run(*typed(path, command, ids))
            assert (code, out) == (remote.NOT_SIGNED_IN, ""), (path, err)
            assert "agent-factory login" in err, path
            assert {one[2] for one in terminal.sent} == {401}, path


def test_nobody_is_told_to_sign_in_before_anything_is_sent(terminal: Terminal, private: Private) -> None:
    ids: Any = known(private)
    for path, command in every_command():
        if path not in OPEN:
            code, out, _ = terminal.run(*typed(path, command, ids))
            assert (code, out, terminal.sent) == (remote.NOT_SIGNED_IN, "", []), path
