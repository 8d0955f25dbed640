"""What every table shares: naming conventions, uuid ids, UTC stamps, JSON columns and the workspace column."""

import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.ids import new_id

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_STAMP_LENGTH = len("2026-01-01 00:00:00.000000")  # what follows is the offset, which is always nothing
NAIVE = "a naive datetime reached the database; use datetime.now(UTC)"


def _sqlite_stamp(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(NAIVE)
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:_STAMP_LENGTH]


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Timezone-aware UTC in Python, whatever the database keeps; naive values are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(NAIVE)
        return value.astimezone(UTC)

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        """The same; on SQLite, whose dialect formats stamps in Python, by one call in C."""
        return _sqlite_stamp if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JsonColumn = sa.JSON(none_as_null=True)  # JSON, not JSONB, on PostgreSQL too: documents come back with their keys in order


def utc_now() -> datetime:
    """Default of created_at; services that need a frozen clock set stamps themselves."""
    return datetime.now(UTC)


class Row(SQLModel):
    """A table row with a time-ordered uuid and stamps."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    updated_at: datetime = Field(
        default_factory=utc_now,
        sa_type=UtcDateTime,  # type: ignore[call-overload]
        nullable=False,
        sa_column_kwargs={"onupdate": utc_now},
    )


class WorkspaceRow(Row):
    """A row that belongs to one workspace; loaded only through UnitOfWork.scoped or load."""

    workspace_id: uuid.UUID = Field(foreign_key="workspace.id", index=True, nullable=False, ondelete="CASCADE")


def json_field(**kwargs: Any) -> Any:
    """A JSON column; pass default or default_factory."""
    return Field(sa_type=JsonColumn, **kwargs)  # type: ignore[call-overload]


def stamp_field(**kwargs: Any) -> Any:
    """A nullable UTC stamp."""
    return Field(default=None, sa_type=UtcDateTime, nullable=True, **kwargs)  # type: ignore[call-overload]
