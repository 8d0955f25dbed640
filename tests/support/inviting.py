"""Reads the letters and links that invitations leave behind, as their receivers would."""

import re

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.mail import list_outbox
from models.account import Mail

_LINK = re.compile(r"https?://\S+\?token=([A-Za-z0-9_-]+)")


def token_in(text: str) -> str:
    """The ticket of the first link of a letter, or of an address."""
    found = _LINK.search(text)
    assert found, text
    return found.group(1)


def last_letter(uow: UnitOfWork, to: str) -> str:
    """The text of the newest letter to somebody."""
    uow.session.flush()
    return next(letter.text for letter in list_outbox(uow, address="127.0.0.1") if letter.to == to)


def letters_to(uow: UnitOfWork, to: str) -> int:
    """How many letters were written to somebody."""
    uow.session.flush()
    return len(uow.session.exec(select(Mail).where(col(Mail.to) == to)).all())
