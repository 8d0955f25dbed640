"""The API keeps what its description promises: Schemathesis calls every operation with what fits and what does not, alone and in chains.

`make contract` looks longer, with other examples every time.
"""

import contextlib
from collections import Counter
from collections.abc import Generator, Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
import sqlalchemy as sa
from hypothesis import given, seed
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition, Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.engine.errors import is_inconsistent_replay
from schemathesis.generation.stateful import run_state_machine_as_test

from app.core.uow import Actor
from app.wiring import Wiring
from models.credential import Credential
from models.ids import new_id
from models.workspace import Role
from tests.attacks.test_hostile_arguments import sound_arguments
from tests.support.contract import Caller, bounded, calling, described, linked

pytestmark = pytest.mark.xdist_group("contract")  # one installation, and one reading of the description

# These end the very sign-in that all others are called with; tests/api/test_tokens.py has what they do.
ENDS_THE_SIGN_IN = frozenset({"logout", "sign_out_api_v1_auth_sign_out_post"})
# What a schema cannot tell (unknown models, taken names, times that never come, weak passwords), a rule refuses in words and by field.
# With a thing that is there, one waits for the end of a run that nobody works on, the other calls a host outside.
UNKNOWN_ONLY = ("/stream", "/credentials/{credential_id}/test")
CHECKED: Any = [check for check in CHECKS.get_all() if check.__name__ != "positive_data_acceptance"]
CHAIN_SESSIONS = 3
SCHEMA = schemathesis.openapi.from_dict(described())
OPERATIONS = {found.label: found for found in (each.ok() for each in SCHEMA.get_all_operations())}  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def program(attacked: Wiring) -> Iterator[Caller]:
    with calling(attacked) as calls:
        yield calls


def is_unchained(path: str) -> bool:
    """Who ends the sign-in (one's own session is in the list of sessions) ends the chain; a stream waits for what nobody works on."""
    return "/auth/" in path or "/sessions/" in path or path.endswith("/stream")


def things_of(wiring: Wiring, program: Caller) -> dict[str, str]:
    """Ids of things that are there, by the names of path parameters."""
    with wiring.unit() as uow:
        uow.actor = Actor(user_id=program.user_id, workspace_id=program.workspace_id, role=Role.OWNER, session_id=new_id())
        uow.session.connection().execute(sa.delete(Credential))  # its name is taken once only
        made = sound_arguments(uow)
    ids = {name: str(value) for name, value in made.items() if name.endswith("_id")}
    more = {"things": "workflows", "thing_id": ids["workflow_id"], "node": "start", "number": "1", "user_id": str(program.user_id)}
    return ids | more


@pytest.fixture(scope="module")
def kept(attacked: Wiring, program: Caller) -> dict[str, str]:
    return things_of(attacked, program)


@pytest.fixture
def known(attacked: Wiring, program: Caller, request: pytest.FixtureRequest) -> dict[str, str]:
    """Of their own for those who delete."""
    label = getattr(request.node, "callspec", None) and request.node.callspec.params["label"]
    return things_of(attacked, program) if str(label).startswith("DELETE") else request.getfixturevalue("kept")


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_an_operation_keeps_its_promises(program: Caller, known: dict[str, str], label: str) -> None:
    operation = OPERATIONS[label]
    named = {each.name: known[each.name] for each in operation.path_parameters if each.name in known}
    proof = {"Authorization": "Bearer none"} if operation.definition.raw["operationId"] in ENDS_THE_SIGN_IN else {}
    seen: Counter[int] = Counter()

    def call(case: schemathesis.Case[Any]) -> None:
        answer = program.call(case, **proof)
        seen[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKED, headers=program.headers)

    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    present = operation.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=named) if named else fitting
    strategies: list[st.SearchStrategy[Any]] = [fitting if label.endswith(UNKNOWN_ONLY) else present]
    if operation.body or operation.query or operation.path_parameters:
        strategies.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    for strategy in strategies:
        with contextlib.suppress(Unsatisfiable):  # whatever fits a free text cannot be wrong
            bounded(3)(given(case=strategy)(call))()
    assert seen
    assert program.session.get("/api/v1/users/me", headers=program.headers).status_code == 200, "the sign-in was lost"


@contextlib.contextmanager
def cut_short_by_what_is_there() -> Generator[None]:
    """What one chain left in the installation may change what the next one can draw: Hypothesis ends such a session: no finding."""
    try:
        yield
    except (FlakyStrategyDefinition, AssertionError) as end:
        if isinstance(end, AssertionError) and not is_inconsistent_replay(end):
            raise


def test_what_one_operation_made_the_next_ones_take(program: Caller, known: dict[str, str]) -> None:
    """Chains of operations, each with the ids that earlier ones told."""
    schema = schemathesis.openapi.from_dict(linked(described(), without=is_unchained))
    schema.app = program.app
    bodies, seen = sound_bodies(known), Counter[tuple[str, int]]()
    numbers, broken = count(), list[BaseException]()

    class Chain(schema.as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: schemathesis.Case[Any], **_: Any) -> None:
            sound = bodies.get(case.operation.definition.raw["operationId"])
            if sound is not None:
                case.body = {**sound, **({"name": f"Made {next(numbers)}"} if "name" in sound else {})}

        def call(self, case: schemathesis.Case[Any], **_: Any) -> schemathesis.Response:
            answer = program.call(case)
            seen[case.operation.label, answer.status_code] += 1
            return answer

        def validate_response(self, response: Any, case: Any, additional_checks: Any = None, **_: Any) -> None:
            try:
                case.validate_response(response, checks=CHECKED, headers=program.headers)
            except BaseException as found:
                broken.append(found)
                raise

    for number in range(CHAIN_SESSIONS):
        with cut_short_by_what_is_there():
            run_state_machine_as_test(seed(number)(Chain), settings=bounded(8, stateful_step_count=20))
    assert not broken, "a promise was broken in a session that was cut short"
    took = {label for label, status in seen if status < 300 and "{" in label}
    assert len(took) >= 2, f"chains that find nothing they made prove nothing: {seen}"


def sound_bodies(known: dict[str, str]) -> dict[str, Any]:
    """What the operations that make things are given, so that chains have a beginning."""
    workflow = {"workflow_id": known["workflow_id"]}
    return {
        "create_agent": {"name": "", "instructions": "Sort it.", "model": "demo/assistant"},
        "create_workflow": {"name": ""},
        "start_run": {"inputs": {"name": "Mia"}},
        "create_schedule": {**workflow, "name": "", "wording": "every day at 9", "time_zone": "UTC", "inputs": {"name": "Mia"}},
        "create_webhook": {**workflow, "settings": {"auth": "none"}},
        "create_endpoint": {"name": "", "url": "https://receiver.example/hooks", "events": ["run.succeeded"]},
        "create_credential": {"name": "", "kind": "bearer", "hosts": ["api.example.com"], "secret": "canary-7f3e9a52c1d84b60"},
        "create_key": {"name": "", "scopes": ["view"]},
        "create_workspace": {"name": ""},
    }
