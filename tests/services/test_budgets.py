"""Budgets of workspaces and agents: who sets them, what they refuse, and that calls at the same moment never pass a cap together."""

import threading
import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import Actor
from app.services.announcements.events import sample_payload
from app.services.budgets.accounts import budget_table, hold_table, period_end, period_start
from app.services.budgets.editing import get_agent_budget, list_budgets, set_agent_budget, set_workspace_budget
from app.services.budgets.policies import get_policy, set_policy
from app.services.budgets.reserving import Refusal, Wish, has_stale_holds, reap_holds, release_holds, reserve_all
from app.services.budgets.settling import Used, settle
from app.services.home import home_view
from app.services.runs import start_run
from app.wiring import Wiring
from models.agent import Agent
from models.endpoint import WebhookMessage
from models.ids import new_id
from models.workspace import Role
from tests.support.endpoints import make_endpoint
from tests.support.people import make_member
from tests.support.workflows import make_workflow

MANY = 24


@pytest.fixture
def admin(wiring: Wiring) -> Actor:
    """An administrator."""
    with wiring.unit() as uow:
        return make_member(uow, Role.ADMIN)


@pytest.fixture
def run_id(wiring: Wiring, admin: Actor) -> uuid.UUID:
    """A run of theirs."""
    with wiring.unit(admin) as uow:
        return start_run(uow, workflow_id=make_workflow(uow).id, inputs={"name": "Ada"}).id


def wish_of(actor: Actor, run_id: uuid.UUID, *, micros: int = 100, tokens: int = 10, agent: str = "", lasts_s: float = 60.0) -> Wish:
    """One call."""
    return Wish(
        hold_id=new_id(),
        workspace_id=actor.workspace_id,
        run_id=run_id,
        agent=agent,
        micros=micros,
        tokens=tokens,
        lasts_s=lasts_s,
    )


def reserve(wiring: Wiring, wish: Wish) -> Refusal | int:
    """In a transaction of its own."""
    with wiring.database.begin() as connection:
        return reserve_all(connection, [wish])[0]


def cap(wiring: Wiring, actor: Actor, period: str = "day", **caps: str) -> None:
    """Set the workspace's."""
    with wiring.unit(actor) as uow:
        set_workspace_budget(uow, period=period, caps=caps)


def test_calls_at_the_same_moment_never_pass_a_cap_together(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    cap(wiring, admin, money="0.001")  # room for ten calls of 100 micros
    answers: list[Refusal | int] = []
    gate = threading.Barrier(MANY)

    def call() -> None:
        gate.wait()
        answers.append(reserve(wiring, wish_of(admin, run_id)))

    threads = [threading.Thread(target=call) for _ in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert len(answers) == MANY
    assert len(refusals) == MANY - 10
    assert all(refusal.is_crowded for refusal in refusals)


def test_what_was_used_takes_the_place_of_what_was_reserved(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    cap(wiring, admin, money="0.001")
    wish = wish_of(admin, run_id, micros=900)
    assert reserve(wiring, wish) == 1
    assert isinstance(reserve(wiring, wish_of(admin, run_id, micros=200)), Refusal)
    used = Used(workspace_id=admin.workspace_id, run_id=run_id, has_parent=False, micros=300, tokens=7, hold_id=wish.hold_id)
    with wiring.database.begin() as connection:
        assert settle(connection, [used]) == []
    assert reserve(wiring, wish_of(admin, run_id, micros=700)) == 1
    with wiring.unit(admin, write=False) as uow:
        day = list_budgets(uow)[0]
    assert (day.caps[0].words, day.caps[0].percent) == ("$0.0003 of $0.0010 used", 30)


def test_a_refusal_says_which_cap_and_when_its_period_ends(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    cap(wiring, admin, tokens="100")
    refusal = reserve(wiring, wish_of(admin, run_id, tokens=101))
    assert isinstance(refusal, Refusal)
    assert not refusal.is_crowded
    told = {name: refusal.facts[name] for name in ("scope", "period", "cap", "limit", "used", "wanted")}
    assert told == {"scope": "workspace", "period": "day", "cap": "tokens", "limit": 100, "used": 0, "wanted": 101}
    assert refusal.until is not None
    assert refusal.until > datetime.now(UTC)


def test_use_passing_80_and_100_percent_is_told_once_each(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    cap(wiring, admin, tokens="100")
    levels: list[int] = []
    for _ in range(6):
        with wiring.database.begin() as connection:
            levels.append(len(settle(connection, [Used(workspace_id=admin.workspace_id, run_id=run_id, has_parent=False, tokens=20)])))
    assert levels == [0, 0, 0, 1, 1, 0]


def test_endpoints_and_the_home_page_hear_of_a_budget_at_80_and_100_percent(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    with wiring.unit(admin) as uow:
        agent_id = new_id()
        uow.session.add(Agent(id=agent_id, workspace_id=admin.workspace_id, slug="writer", name="Careful Writer", model="demo/assistant"))
        uow.session.flush()
        set_agent_budget(uow, slug="writer", caps={"tokens": "100"})
        make_endpoint(uow)
        assert home_view(uow).notices == ()
    used = Used(workspace_id=admin.workspace_id, run_id=run_id, has_parent=False, agent="writer", tokens=45, micros=70)
    texts: list[str] = []
    with wiring.database.begin() as connection:
        connection.execute(sa.update(budget_table).values(period_start="2020-01-01", spent_tokens=99, alerted=100))
    for _ in range(4):
        with wiring.database.begin() as connection:
            settle(connection, [used])
        with wiring.unit(admin, write=False) as uow:
            texts.append(", ".join(notice.title for notice in home_view(uow).notices))
            assert all(notice.href == f"/agents/{agent_id}" for notice in home_view(uow).notices)
    told = "{} of the budget of the agent “Careful Writer” for this day is used."
    assert texts == ["", told.format("Most"), told.format("All"), told.format("All")]
    with wiring.unit(admin, write=False) as uow:
        rows = uow.session.exec(uow.scoped(WebhookMessage).order_by(sa.column("id")))
        announced = [row.payload for row in rows]
    figures = [(payload["type"], payload["data"]["percent"], payload["data"]["spent_tokens"]) for payload in announced]
    assert figures == [("budget.passed", 90, 90), ("budget.passed", 100, 135)]
    assert set(announced[0]["data"]) == set(sample_payload("budget.passed")["data"])
    assert announced[0]["data"]["period_start"] > "2020-01-01"


def test_a_new_day_begins_at_nothing(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    cap(wiring, admin, tokens="100")
    with wiring.database.begin() as connection:
        connection.execute(sa.update(budget_table).values(period_start="2020-01-01", spent_tokens=100, alerted=100))
    assert reserve(wiring, wish_of(admin, run_id, tokens=100)) == 1
    with wiring.database.begin() as connection:
        settle(connection, [Used(workspace_id=admin.workspace_id, run_id=run_id, has_parent=False, tokens=5)])
        row = connection.execute(sa.select(budget_table)).one()
    assert (row.spent_tokens, row.alerted, row.period_start) == (5, 0, period_start("day", datetime.now(UTC)))


def test_reservations_of_the_dead_are_reaped(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    cap(wiring, admin, money="0.0001")
    assert reserve(wiring, wish_of(admin, run_id, lasts_s=-1)) == 1
    assert reserve(wiring, wish_of(admin, run_id)) == 1, "what is stale stands in nobody's way"
    with wiring.database.begin() as connection:
        assert has_stale_holds(connection)
        assert reap_holds(connection) == 1
        assert not has_stale_holds(connection)
        release_holds(connection, connection.execute(sa.select(hold_table.c.hold_id)).scalars().all())
        assert connection.execute(sa.select(hold_table)).first() is None


def test_an_agents_budget_counts_only_its_own_calls(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    with wiring.unit(admin) as uow:
        uow.session.add(Agent(workspace_id=uow.workspace_id, slug="scout", name="Scout", model="demo/assistant"))
        uow.session.flush()
        set_agent_budget(uow, slug="scout", caps={"tokens": "50"})
    assert reserve(wiring, wish_of(admin, run_id, tokens=60)) == 0
    assert isinstance(reserve(wiring, wish_of(admin, run_id, tokens=60, agent="scout")), Refusal)
    with wiring.unit(admin, write=False) as uow:
        assert get_agent_budget(uow, slug="scout").caps[1].typed == "50"
        assert [view.title for view in list_budgets(uow)] == ["A day", "A month", "scout"]
        with pytest.raises(NotFound):
            get_agent_budget(uow, slug="nobody")


def test_budgets_of_another_workspace_do_not_concern_a_call(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    with wiring.unit() as uow:
        other = make_member(uow, Role.OWNER)
    cap(wiring, other, tokens="1")
    assert reserve(wiring, wish_of(admin, run_id)) == 0


@pytest.mark.parametrize(
    ("caps", "field", "words"),
    [
        ({"money": "a lot"}, "money", "such as 5.00"),
        ({"money": "-1"}, "money", "empty for no limit"),
        ({"money": "nan"}, "money", "such as 5.00"),
        ({"money": "1e30"}, "money", "At most"),
        ({"tokens": "1.5"}, "tokens", "whole number"),
        ({"steps": "0"}, "steps", "whole number"),
        ({"time": "Infinity"}, "time", "hours"),
        ({"time": "9000"}, "time", "At most 8,784 hours of work"),
    ],
)
def test_a_wrong_cap_is_refused_by_its_field(wiring: Wiring, admin: Actor, caps: dict[str, str], field: str, words: str) -> None:
    with wiring.unit(admin) as uow, pytest.raises(Invalid) as refused:
        set_workspace_budget(uow, period="day", caps=caps)
    assert words in refused.value.fields[field]


def test_an_empty_cap_is_lifted_and_the_figures_go_with_the_last(wiring: Wiring, admin: Actor, run_id: uuid.UUID) -> None:
    cap(wiring, admin, money="$1,000.50", steps="9")
    cap(wiring, admin, money="", steps="9")
    with wiring.unit(admin, write=False) as uow:
        assert [one.typed for one in list_budgets(uow)[0].caps] == ["", "", "", "9"]
    cap(wiring, admin)
    with wiring.database.connect() as connection:
        assert connection.execute(sa.select(budget_table)).first() is None


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_administrators_set_the_workspaces_budgets(wiring: Wiring, role: Role) -> None:
    with wiring.unit() as uow:
        actor = make_member(uow, role)
    for refused in (
        lambda uow: set_workspace_budget(uow, period="day", caps={}),
        lambda uow: set_policy(uow, fallback_models=[], rates={}),
    ):
        with wiring.unit(actor) as uow, pytest.raises(NotAllowed):
            refused(uow)
    with wiring.unit(actor, write=False) as uow:
        assert not list_budgets(uow)[0].can_edit


def test_the_policy_of_models_is_checked_and_kept(wiring: Wiring, admin: Actor) -> None:
    with wiring.unit(admin) as uow:
        set_policy(uow, fallback_models=["demo/assistant"], rates={"demo": {"requests": "60", "tokens": "", "calls": "4"}})
    with wiring.unit(admin, write=False) as uow:
        policy = get_policy(uow)
    demo = next(rate for rate in policy.rates if rate.provider == "demo")
    assert (policy.fallback_models, demo.requests, demo.tokens, demo.calls) == (("demo/assistant",), "60", "", "4")
    wrong: list[tuple[dict[str, object], str]] = [
        ({"fallback_models": ["nope"], "rates": {}}, "fallback_models"),
        ({"fallback_models": ["demo/assistant"] * 2, "rates": {}}, "fallback_models"),
        ({"fallback_models": [], "rates": {"demo": {"requests": "fast"}}}, "demo.requests"),
        ({"fallback_models": [], "rates": {"nobody": {"requests": "1"}}}, "nobody"),
    ]
    for given, field in wrong:
        with wiring.unit(admin) as uow, pytest.raises(Invalid) as refused:
            set_policy(uow, **given)  # type: ignore[arg-type]
        assert field in refused.value.fields


@pytest.mark.parametrize(
    ("period", "now", "begins", "ends"),
    [
        ("day", datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2026-12-31", datetime(2027, 1, 1, tzinfo=UTC)),
        ("month", datetime(2026, 12, 5, tzinfo=UTC), "2026-12-01", datetime(2027, 1, 1, tzinfo=UTC)),
        ("month", datetime(2028, 2, 29, 12, tzinfo=UTC), "2028-02-01", datetime(2028, 3, 1, tzinfo=UTC)),
        ("life", datetime(2026, 1, 1, tzinfo=UTC), "", None),
    ],
)
def test_periods_are_days_and_months_of_utc(period: str, now: datetime, begins: str, ends: datetime | None) -> None:
    assert (period_start(period, now), period_end(period, now)) == (begins, ends)
