"""What happens starts what a rule says, once, in the owner's name; circles end."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from app.core.uow import Actor
from app.services.facts import fact_table
from app.services.history import name_version
from app.services.rules import delete_rule, give_up_fact, pause_rule, resume_rule
from app.services.rules.delivering import MOST_LINKS, find_facts
from app.services.runs import cancel_run, decide_approval, get_run, list_approvals, retry_run, start_run
from app.services.workflows import delete_workflow
from app.wiring import Wiring
from models.event_rule import EventRule
from models.workspace import Membership, Role
from tests.support.driving import drive
from tests.support.people import make_member
from tests.support.rules import deliver, follower, make_rule, rule_fires
from tests.support.workflows import asking, make_workflow, node, spec_of


@pytest.fixture
def owner(wiring: Wiring) -> Actor:
    """A member of a fresh workspace."""
    with wiring.unit() as uow:
        return make_member(uow, name="Olga Owner")


def made(wiring: Wiring, owner: Actor, spec: Any = None, name: str = "Greeting") -> str:
    with wiring.unit() as uow:
        uow.actor = owner
        return str(make_workflow(uow, spec, name=name).id)


def rule(wiring: Wiring, owner: Actor, **fields: Any) -> Any:
    with wiring.unit() as uow:
        uow.actor = owner
        return make_rule(uow, **fields)


def run(wiring: Wiring, owner: Actor, workflow: str, **inputs: Any) -> Any:
    started = wiring.call(start_run, owner, workflow_id=workflow, inputs=inputs)
    return drive(wiring, owner, started.id)


def test_the_end_of_a_run_starts_the_workflow_with_mapped_inputs(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    made_rule = rule(wiring, owner, source_id=source, mapping={"note": "{{ event.run.output }} by {{ event.workflow.name }}"})
    run(wiring, owner, source, name="Mia")
    assert deliver(wiring) == 1
    (fire,) = rule_fires(wiring, owner)
    assert (fire.rule_id, fire.outcome, fire.kind) == (made_rule.id, "started", "run_succeeded")
    followed = drive(wiring, owner, fire.run_id)
    assert followed.output == "Hello Mia by Greeting"
    assert followed.row.trigger == "event"


def test_delivering_twice_starts_once(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    rule(wiring, owner, source_id=source)
    run(wiring, owner, source, name="Mia")
    assert (deliver(wiring), deliver(wiring)) == (1, 0)
    with wiring.database.begin() as connection:
        connection.execute(sa.update(fact_table).values(delivered_at=None))
    assert deliver(wiring) == 0
    assert len(rule_fires(wiring, owner)) == 1


def test_a_rule_hears_only_what_it_asked_for(wiring: Wiring, owner: Actor) -> None:
    source, other = made(wiring, owner), made(wiring, owner, name="Other")
    rule(wiring, owner, source_id=source, kind="run_failed")
    run(wiring, owner, source, name="Mia")
    run(wiring, owner, other, name="Mia")
    with wiring.database.connect() as connection:
        assert find_facts(connection) == []


def test_without_any_rule_nothing_is_written(wiring: Wiring, owner: Actor) -> None:
    run(wiring, owner, made(wiring, owner), name="Mia")
    with wiring.database.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(fact_table)).scalar_one() == 0


def test_a_failed_run_tells_its_error(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner, spec_of(node("start", "start"), node("end", "end", output="{{ inputs.absent }}"), edges="start>end"))
    rule(wiring, owner, source_id=source, kind="run_failed", mapping={"note": "{{ event.run.error.message }}"})
    assert run(wiring, owner, source).row.status == "failed"
    assert deliver(wiring) == 1
    (fire,) = rule_fires(wiring, owner)
    assert "absent" in str(drive(wiring, owner, fire.run_id).output)


def test_a_cancelled_run_is_an_end_too(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    rule(wiring, owner, source_id=source, mapping={"note": "{{ event.kind }}"})
    started = wiring.call(start_run, owner, workflow_id=source, inputs={"name": "Mia"})
    wiring.call(cancel_run, owner, run_id=started.id)
    assert deliver(wiring) == 1
    assert rule_fires(wiring, owner)[0].kind == "run_cancelled"


@pytest.mark.parametrize(("button", "count"), [("", 1), ("approve", 1), ("reject", 0)])
def test_a_decided_approval_starts_it_if_the_button_fits(button: str, count: int, wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner, asking())
    template = "{{ event.approval.title }}: {{ event.approval.button }} by {{ event.approval.decided_by }}"
    rule(wiring, owner, source_id=source, kind="approval_decided", button=button, mapping={"note": template})
    run(wiring, owner, source)
    (card,) = wiring.call(list_approvals, owner)
    wiring.call(decide_approval, owner, approval_id=card.id, button="approve")
    assert deliver(wiring) == count
    (fire,) = rule_fires(wiring, owner)
    if count:
        assert str(drive(wiring, owner, fire.run_id).output).endswith("approve by Olga Owner")
    else:
        assert (fire.outcome, fire.cause) == ("skipped", "condition")


def test_a_named_version_is_an_event_once_per_name(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    rule(wiring, owner, source_id=source, kind="version_named", mapping={"note": "{{ event.version.name }}"})
    version = wiring.call(name_version, owner, workflow_id=source, version_id="draft", name="Spring")
    wiring.call(name_version, owner, workflow_id=source, version_id=str(version.id), name="Spring", note="the same name")
    assert deliver(wiring) == 1
    assert drive(wiring, owner, rule_fires(wiring, owner)[0].run_id).output == "Spring"


@pytest.mark.parametrize(("condition", "outcome"), [("event.run.output == 'Hello Mia'", "started"), ("event.run.output == 'x'", "skipped")])
def test_a_condition_chooses(condition: str, outcome: str, wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    rule(wiring, owner, source_id=source, condition=condition)
    run(wiring, owner, source, name="Mia")
    deliver(wiring)
    assert rule_fires(wiring, owner)[0].outcome == outcome


def test_a_template_that_fails_is_told(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    rule(wiring, owner, source_id=source, mapping={"note": "{{ event.run.output.total }}"})
    run(wiring, owner, source, name="Mia")
    assert deliver(wiring) == 0
    (fire,) = rule_fires(wiring, owner)
    assert (fire.outcome, fire.cause) == ("failed", "inputs")
    assert "total" in fire.reason


def test_two_rules_in_a_circle_end_and_say_why(wiring: Wiring, owner: Actor) -> None:
    first, second = made(wiring, owner, follower(), "Ping"), made(wiring, owner, follower(), "Pong")
    rule(wiring, owner, source_id=first, workflow_id=second)
    rule(wiring, owner, source_id=second, workflow_id=first)
    run(wiring, owner, first, note="go")
    rounds = 0
    while deliver(wiring):
        rounds += 1
        assert rounds <= MOST_LINKS
        drive(wiring, owner, rule_fires(wiring, owner)[-1].run_id)
    fires = rule_fires(wiring, owner)
    assert [fire.outcome for fire in fires] == ["started"] * MOST_LINKS + ["refused"]
    assert [fire.depth for fire in fires] == list(range(1, MOST_LINKS + 2))
    assert f"end after {MOST_LINKS} runs" in fires[-1].reason


def test_a_rule_for_any_workflow_does_not_answer_to_its_own_runs(wiring: Wiring, owner: Actor) -> None:
    rule(wiring, owner)
    run(wiring, owner, made(wiring, owner), name="Mia")
    assert deliver(wiring) == 1
    drive(wiring, owner, rule_fires(wiring, owner)[0].run_id)
    assert deliver(wiring) == 0
    assert [(fire.outcome, fire.cause) for fire in rule_fires(wiring, owner)] == [("started", ""), ("refused", "chain")]


def test_a_person_who_tries_again_begins_a_chain_anew(wiring: Wiring, owner: Actor) -> None:
    first, second = made(wiring, owner, follower(), "Ping"), made(wiring, owner, follower(), "Pong")
    rule(wiring, owner, source_id=first, workflow_id=second)
    rule(wiring, owner, source_id=second, workflow_id=made(wiring, owner, follower(), "Third"))
    run(wiring, owner, first, note="go")
    deliver(wiring)
    ended = drive(wiring, owner, rule_fires(wiring, owner)[-1].run_id)
    deliver(wiring)
    again = wiring.call(retry_run, owner, run_id=ended.row.id)
    drive(wiring, owner, again.id)
    deliver(wiring)
    assert [fire.depth for fire in rule_fires(wiring, owner)] == [1, 2, 1]


def test_a_paused_rule_hears_nothing_and_makes_nothing_up(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    row = rule(wiring, owner, source_id=source)
    wiring.call(pause_rule, owner, rule_id=row.id)
    run(wiring, owner, source, name="Mia")
    wiring.call(resume_rule, owner, rule_id=row.id)
    assert deliver(wiring) == 0
    run(wiring, owner, source, name="Mia")
    assert deliver(wiring) == 1


def test_a_deleted_rule_starts_nothing_more(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    row = rule(wiring, owner, source_id=source)
    run(wiring, owner, source, name="Mia")
    wiring.call(delete_rule, owner, rule_id=row.id)
    assert deliver(wiring) == 0
    with wiring.database.connect() as connection:
        assert find_facts(connection) == []


def test_an_owner_who_may_not_run_stops_the_rule(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    row = rule(wiring, owner, source_id=source)
    run(wiring, owner, source, name="Mia")
    with wiring.database.begin() as connection:
        connection.execute(sa.update(Membership).where(col(Membership.user_id) == owner.user_id).values(role=Role.VIEWER))
    assert deliver(wiring) == 0
    (fire,) = rule_fires(wiring, owner)
    assert (fire.outcome, fire.cause) == ("failed", "owner")
    with wiring.unit() as uow:
        kept = uow.session.get(EventRule, row.id)
        assert kept is not None
        assert not kept.is_enabled
        assert "Resume the rule" in kept.disabled_reason


def test_a_deleted_target_stops_the_rule(wiring: Wiring, owner: Actor) -> None:
    source, target = made(wiring, owner), made(wiring, owner, follower(), "Follower")
    rule(wiring, owner, source_id=source, workflow_id=target)
    wiring.call(delete_workflow, owner, workflow_id=target)
    run(wiring, owner, source, name="Mia")
    assert deliver(wiring) == 0
    (fire,) = rule_fires(wiring, owner)
    assert (fire.outcome, fire.cause) == ("failed", "workflow_deleted")


def test_an_error_of_the_program_is_told_and_the_fact_is_closed(wiring: Wiring, owner: Actor) -> None:
    source = made(wiring, owner)
    rule(wiring, owner, source_id=source)
    run(wiring, owner, source, name="Mia")
    with wiring.database.connect() as connection:
        (fact_id,) = find_facts(connection)
    with wiring.unit() as uow:
        give_up_fact(uow, fact_id=fact_id, now=uow.ports.clock.now())
    (fire,) = rule_fires(wiring, owner)
    assert (fire.outcome, fire.cause) == ("failed", "error")
    assert deliver(wiring) == 0


def test_a_rule_of_another_workspace_hears_nothing(wiring: Wiring, owner: Actor) -> None:
    with wiring.unit() as uow:
        stranger = make_member(uow, name="Stranger")
    rule(wiring, stranger)
    run(wiring, owner, made(wiring, owner), name="Mia")
    assert deliver(wiring) == 0
    assert wiring.call(get_run, owner, run_id=wiring.call(start_run, owner, workflow_id=made(wiring, owner), inputs={"name": "A"}).id)
