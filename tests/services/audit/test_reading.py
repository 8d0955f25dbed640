"""Reading the audit trail: filters, search, pages, exports that no spreadsheet runs."""

import csv
import io
import json

import pytest

from app.core.audit import record
from app.core.audit_writing import write_trail
from app.core.errors import Invalid
from app.core.uow import Actor, UnitOfWork
from app.services.audit import export_entries, get_entry, list_entries, list_filters
from app.wiring import Wiring
from models.user import User
from models.workspace import Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.credentials import make_credential
from tests.support.people import make_member


@pytest.fixture
def owner(wiring: Wiring, clock: FrozenClock) -> Actor:
    """The owner of a workspace in which something happened on two days."""
    with wiring.unit() as uow:
        actor = make_member(uow, Role.OWNER, name="Olga Owner")
    wiring.call(make_credential, actor, name="First")
    clock.advance(days=1)
    wiring.call(make_credential, actor, name="Second", description="=HYPERLINK()")
    return actor


@pytest.fixture
def reader(wiring: Wiring, owner: Actor, uow: UnitOfWork) -> UnitOfWork:
    """A unit of work of the owner."""
    uow.actor = owner
    return uow


def test_entries_are_found_by_each_filter_and_by_words(reader: UnitOfWork, clock: FrozenClock) -> None:
    def names(**filters: str) -> list[str]:
        return [row.name for row in list_entries(reader, filters=filters).rows if row.kind == "credential"]

    assert names() == ["Second", "First"]
    assert names(kind="credential", search="FIRST") == ["First"]
    assert names(since=clock.now().date().isoformat()) == ["Second"]
    assert names(until=clock.now().date().isoformat()) == ["Second", "First"]
    assert names(action="credentials.create_credential", outcome="done") == ["Second", "First"]
    assert names(outcome="denied") == []
    assert names(search="100%_") == []
    assert reader.actor is not None
    assert names(person=str(reader.actor.user_id)) == ["Second", "First"]
    assert names(person="somebody") == []


def test_people_are_offered_by_the_name_they_have_now(reader: UnitOfWork) -> None:
    assert reader.actor is not None
    me = reader.session.get_one(User, reader.actor.user_id)
    me.name = "xxxx"
    reader.session.flush()
    record(reader.trail, kind="letters", name="x")
    write_trail(reader)
    me.name = "Anna Again"
    reader.session.flush()
    assert list_filters(reader).people == ((str(me.id), "Anna Again"),)


def test_pages_follow_one_another_without_gaps(reader: UnitOfWork) -> None:
    seen: list[int] = []
    cursor = ""
    while True:
        page = list_entries(reader, cursor=cursor, limit=1)
        seen += [row.seq for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == list(range(page.total, 0, -1))


@pytest.mark.parametrize("filters", [{"since": "yesterday"}, {"workspace_id": "x"}, {"until": "99999-01-01"}])
def test_a_wrong_filter_is_named(reader: UnitOfWork, filters: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        list_entries(reader, filters=filters)
    assert list(refused.value.fields) == list(filters)


def test_filters_offer_what_occurs(reader: UnitOfWork) -> None:
    offered = list_filters(reader)
    assert ("credentials.create_credential", "Create credential") in offered.actions
    assert ("credential", "Credential") in offered.kinds
    assert "Olga Owner" in [label for _, label in offered.people]


def test_an_entry_is_found_by_its_number_in_its_own_workspace_alone(reader: UnitOfWork) -> None:
    entry = get_entry(reader, seq=3)
    assert entry is not None
    assert entry.seq == 3
    assert get_entry(reader, seq="3000") is None
    reader.actor = make_member(reader, Role.OWNER)
    assert get_entry(reader, seq=3) is None


def test_exports_hold_everything_and_are_told_themselves(wiring: Wiring, owner: Actor) -> None:
    rows = json.loads(wiring.call(export_entries, owner, file_format="json").text)
    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5]
    file = wiring.call(export_entries, owner, filters={"kind": "credential"})
    table = list(csv.DictReader(io.StringIO(file.text)))
    assert [row["name"] for row in table] == ["First", "Second"]
    with wiring.unit(write=False) as uow:
        uow.actor = owner
        latest = list_entries(uow).rows[0]
    assert (latest.what, latest.note) == ("Export entries", "2 entries as CSV")


def test_no_cell_of_an_export_is_taken_for_a_formula(wiring: Wiring, owner: Actor) -> None:
    with wiring.unit() as uow:
        uow.actor = owner
        workspace = uow.session.get_one(Workspace, owner.workspace_id)
        make_member(uow, Role.MEMBER, name='=cmd|" /C calc"!A0', workspace=workspace)
    cells = [cell for row in csv.reader(io.StringIO(wiring.call(export_entries, owner).text)) for cell in row]
    assert any("cmd|" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]
