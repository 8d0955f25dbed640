"""The run list: found by what runs were given, in every status, with a bounded look back; and the time that was only waited."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.core.errors import Invalid
from app.core.uow import Actor
from app.services.runs import decide_approval, get_run, list_runs, queries, start_run
from app.services.runs.claim import claim_runs
from app.services.runs.excerpt import LENGTH, excerpt_of
from app.views.runs import RunRow
from app.wiring import Wiring
from models.ids import first_id_at, new_id
from models.workspace import Workspace
from tests.support.driving import drive
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


def begin(wiring: Wiring, actor: Actor, text: str) -> RunRow:
    spec = spec_of(node("start", "start"), node("ask", "approval"), edges="start>ask")
    with wiring.unit(actor) as uow:
        return start_run(uow, workflow_id=make_workflow(uow, spec).id, inputs={"question": text})


def copy_run(wiring: Wiring, row: RunRow, copies: list[dict[str, object]]) -> None:
    """Runs like this one but for what is given."""
    columns = [column.name for column in queries.run_table.columns if column.name not in ("id", "excerpt")]
    original = sa.select(*(queries.run_table.c[name] for name in columns)).where(queries.run_table.c.id == row.id)
    with wiring.database.begin() as connection:
        copied = dict(connection.execute(original).one()._mapping)
        connection.execute(sa.insert(queries.run_table), [{**copied, **copy} for copy in copies])


def found(wiring: Wiring, actor: Actor, **asked: object) -> list[str]:
    return [row.excerpt for row in wiring.call(list_runs, actor, **asked).rows]  # type: ignore[arg-type]


def test_runs_are_found_by_what_they_were_given(wiring: Wiring, actor: Actor) -> None:
    for text in ("Where is my card?", "I was charged twice", "100% sure_thing"):
        begin(wiring, actor, text)
    assert found(wiring, actor, search="CHARGED") == ["I was charged twice"]
    assert found(wiring, actor, search="100%") == ["100% sure_thing"]
    assert found(wiring, actor, search="re_t") == ["100% sure_thing"]
    assert found(wiring, actor, search="nowhere") == []


def test_ones_own_runs_are_told_from_those_of_colleagues(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit() as uow:
        colleague = make_member(uow, workspace=uow.session.get(Workspace, actor.workspace_id))
    begin(wiring, actor, "mine")
    begin(wiring, colleague, "theirs")
    assert found(wiring, actor) == ["theirs", "mine"]
    assert found(wiring, actor, by="me") == ["mine"]
    assert found(wiring, actor, by="others", statuses=("queued", "running", "waiting")) == ["theirs"]
    assert found(wiring, colleague, by="others") == ["mine"]


def test_runs_of_a_span_of_days_and_of_a_workflow(wiring: Wiring, actor: Actor) -> None:
    first = begin(wiring, actor, "first")
    begin(wiring, actor, "second")
    day = datetime.fromtimestamp((first.id.int >> 80) / 1000, UTC).date()
    before, after = (str(day + timedelta(days=days)) for days in (-1, 2))
    assert found(wiring, actor, since=str(day)) == ["second", "first"]
    assert found(wiring, actor, since=before, until=after, workflow_id=str(first.workflow_id)) == ["first"]
    assert found(wiring, actor, until=before) == []
    assert found(wiring, actor, since=after) == []
    copy_run(wiring, first, [{"id": first_id_at(datetime(2020, 2, 1, tzinfo=UTC)), "excerpt": "old"}])
    assert found(wiring, actor, since="2020-02-01", until="2020-02-01") == ["old"]
    assert found(wiring, actor, since="2020-01-01", until="2020-01-31") == []


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"since": "soon"}, "since"), ({"until": "0001-01-01"}, "until"), ({"since": "2026-02-02", "until": "2026-02-01"}, "until")],
)
def test_a_wrong_day_is_told(wiring: Wiring, actor: Actor, asked: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        found(wiring, actor, **asked)
    assert list(refused.value.fields) == [field]


def test_one_call_looks_at_a_bounded_number_of_runs_and_the_next_one_goes_on(wiring: Wiring, actor: Actor) -> None:
    needle = begin(wiring, actor, "needle")
    copy_run(wiring, needle, [{"id": new_id(), "excerpt": f"hay {number}"} for number in range(queries.WINDOW)])
    first = wiring.call(list_runs, actor, search="needle")
    assert (first.rows, bool(first.next_cursor)) == ((), True)
    second = wiring.call(list_runs, actor, search="needle", cursor=first.next_cursor)
    assert ([row.id for row in second.rows], second.next_cursor) == ([needle.id], "")
    assert [row.id for row in wiring.call(list_runs, actor, search=str(needle.id)).rows] == [needle.id]
    assert wiring.call(list_runs, actor, statuses=["cancelled"]).next_cursor != ""


def test_a_filtered_list_reads_through_an_index(wiring: Wiring, actor: Actor) -> None:
    begin(wiring, actor, "one")
    scope = [queries._run.workspace_id == actor.workspace_id, queries._run.kind == "workflow"]
    with wiring.database.connect() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("the words of a plan are SQLite's")
        query = sa.select(queries._run.id).where(*scope).order_by(queries._run.id.desc()).limit(1).offset(4999)
        text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = " ".join(str(row) for row in connection.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")))
    assert "USING COVERING INDEX ix_run_list" in plan
    assert "TEMP B-TREE" not in plan


def test_time_spent_waiting_is_told_apart(wiring: Wiring, actor: Actor) -> None:
    run = begin(wiring, actor, "slow")
    detail = drive(wiring, actor, run.id)
    assert detail.row.status == "waiting"
    with wiring.database.begin() as connection:
        connection.execute(sa.update(queries.run_table).values(parked_at=datetime(2020, 1, 1, tzinfo=UTC)))
    year_ms = 365 * 86_400_000
    assert wiring.call(get_run, actor, run_id=run.id).row.waited_ms > year_ms
    (card,) = detail.approvals
    wiring.call(decide_approval, actor, approval_id=card.id, button="approve")
    with wiring.database.begin() as connection:
        claim_runs(connection, [run.id], owner="test", lease_s=60)
        (left,) = connection.execute(sa.select(queries.run_table.c.parked_at)).one()
    assert left is None
    assert wiring.call(get_run, actor, run_id=run.id).row.waited_ms > year_ms


@pytest.mark.parametrize(
    ("inputs", "line"),
    [
        ({}, ""),
        ({"a": "  two\n words ", "b": 5, "c": True, "d": None}, "two words · 5"),
        ({"rows": [{"name": "x"}, {"name": "y"}]}, "x · y"),
    ],
)
def test_the_excerpt_holds_the_texts_and_numbers(inputs: dict[str, object], line: str) -> None:
    assert excerpt_of(inputs) == line


def test_an_excerpt_is_short_whatever_was_given() -> None:
    assert len(excerpt_of({"text": "word " * 100_000, "more": ["x"] * 10_000})) == LENGTH
