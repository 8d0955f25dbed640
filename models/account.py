"""What proves who a person is, beside the password: tickets sent by e-mail, recovery codes; and the e-mails themselves."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Row, UtcDateTime, stamp_field


class TicketPurpose(StrEnum):
    """What a ticket may be used for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, no secret
    SECOND_FACTOR = "second_factor"  # the password was right, the code is still to come


class AccountTicket(Row, table=True):
    """A single-use proof of 256 bits of which only the SHA-256 is kept; it holds for the address it was made for."""

    __tablename__ = "account_ticket"  # type: ignore[assignment]

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    purpose: str = Field(max_length=24)
    token_hash: str = Field(max_length=64, unique=True)
    email_key: str = Field(default="", max_length=320)
    attempts: int = Field(default=0)
    expires_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    used_at: datetime | None = stamp_field()


class PendingAccount(Row, table=True):
    """A sign-up whose letter nobody has opened yet; whoever opens it shows the password again. Addresses may stand here several times."""

    __tablename__ = "pending_account"  # type: ignore[assignment]

    email: str = Field(max_length=320)
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=255)
    token_hash: str = Field(max_length=64, unique=True)
    expires_at: datetime = Field(sa_type=UtcDateTime, nullable=False, index=True)  # type: ignore[call-overload]


class RecoveryCode(Row, table=True):
    """One of the codes that stand in for the authenticator app once; only a digest is kept."""

    __tablename__ = "recovery_code"  # type: ignore[assignment]

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    code_hash: str = Field(max_length=64)
    used_at: datetime | None = stamp_field()


class Mail(Row, table=True):
    """An e-mail on its way. Its text may hold a ticket, so it is sealed, and emptied once it is sent."""

    to: str = Field(max_length=320)
    subject: str = Field(max_length=300)
    sealed: str = Field(sa_type=sa.Text)
    due_at: datetime = Field(sa_type=UtcDateTime, nullable=False, index=True)  # type: ignore[call-overload]
    attempts: int = Field(default=0)
    sent_at: datetime | None = stamp_field()
    given_up_at: datetime | None = stamp_field()
    error: str = Field(default="", max_length=300)
    stop_url: str = Field(default="", max_length=400, sa_column_kwargs={"server_default": ""})  # ends letters of this kind


class LetterStop(Row, table=True):
    """A kind of letter that a person wants no more of; without a row they get it."""

    __tablename__ = "letter_stop"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("user_id", "kind"),)

    user_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    kind: str = Field(max_length=20)
