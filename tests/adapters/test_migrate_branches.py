"""Revision 0006: conversations of an older installation become trees that show what they showed before."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.adapters.migrations import downgrade, upgrade
from app.wiring import Wiring

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
OLD = [  # position, branch, words, minute, is replaced
    (0, 0, "One", 0, True),
    (1, 0, "Re: One", 1, True),
    (1, 1, "Re: One, again", 2, True),
    (2, 0, "Two", 3, True),
    (0, 1, "Uno", 4, False),
    (1, 2, "Re: Uno", 5, False),
]


@pytest.fixture
def tables(database_url: str, wiring: Wiring) -> sa.MetaData:
    """The tables as the revision before left them."""
    downgrade(database_url, revision="0005")
    metadata = sa.MetaData()
    metadata.reflect(wiring.database, only=["workspace", "user", "conversation", "chat_message"])
    return metadata


def filler(kind: Any) -> Any:
    """Something that the column takes."""
    if isinstance(kind, sa.Boolean):
        return False
    return {} if isinstance(kind, sa.JSON) else 0 if isinstance(kind, sa.Integer) else "x"


def add(connection: sa.Connection, table: sa.Table, **values: Any) -> uuid.UUID:
    """Insert a row with something in every column that needs something."""
    identity = uuid.uuid4()
    row: dict[str, Any] = {"id": identity, "created_at": NOON, "updated_at": NOON} | values
    for column in table.columns:
        if column.name not in row and not column.nullable and column.server_default is None:
            row[column.name] = filler(column.type)
    ids = {name: value.hex for name, value in row.items() if isinstance(value, uuid.UUID)} if connection.dialect.name == "sqlite" else {}
    connection.execute(table.insert().values(row | ids))
    return identity


def test_an_older_conversation_shows_the_same_and_its_older_versions_return(database_url: str, wiring: Wiring, tables: sa.MetaData) -> None:
    with wiring.database.begin() as connection:
        workspace = add(connection, tables.tables["workspace"])
        user = add(connection, tables.tables["user"])
        shared = {"workspace_id": workspace}
        conversation = add(connection, tables.tables["conversation"], user_id=user, **shared)
        for position, branch, words, minute, is_replaced in OLD:
            at = NOON + timedelta(minutes=minute)
            stamps = {"created_at": at, "replaced_at": NOON if is_replaced else None}
            place = {"position": position, "branch": branch, "content": words, "conversation_id": conversation}
            add(connection, tables.tables["chat_message"], tool_calls=[], **shared, **place, **stamps)
    upgrade(database_url)
    query = """SELECT m.content, above.content, m.is_chosen FROM chat_message m LEFT JOIN chat_message above ON above.id = m.parent_id"""
    with wiring.database.connect() as connection:
        found = {words: (above, bool(is_chosen)) for words, above, is_chosen in connection.execute(sa.text(query))}
    assert found == {
        "One": (None, False),
        "Re: One": ("One", False),
        "Re: One, again": ("One", True),
        "Two": ("Re: One, again", True),
        "Uno": (None, True),
        "Re: Uno": ("Uno", True),
    }
    downgrade(database_url, revision="0005")
    with wiring.database.connect() as connection:
        hidden = connection.execute(sa.text("SELECT content FROM chat_message WHERE replaced_at IS NOT NULL")).scalars()
        assert set(hidden) == {words for _, _, words, _, is_replaced in OLD if is_replaced}
