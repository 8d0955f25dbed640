"""The domains of a whole workspace at once: a deleted one keeps none from others, and a restored one takes back what is still free."""

import uuid

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from models.sign_in import SignInDomain


def free_domains(uow: UnitOfWork, workspace_id: uuid.UUID) -> None:
    """Others may prove them from now on."""
    for row in uow.session.exec(select(SignInDomain).where(SignInDomain.workspace_id == workspace_id, col(SignInDomain.held).is_not(None))):
        row.held = None
        uow.session.add(row)
    uow.session.flush()


def hold_domains(uow: UnitOfWork, workspace_id: uuid.UUID) -> None:
    """Those that were proved here and that nobody else has proved since; the others have to be proved anew."""
    proved = select(SignInDomain).where(SignInDomain.workspace_id == workspace_id, col(SignInDomain.confirmed_at).is_not(None))
    for row in uow.session.exec(proved.where(col(SignInDomain.held).is_(None))).all():
        if uow.session.exec(select(SignInDomain.id).where(SignInDomain.held == row.domain)).first() is None:
            row.held = row.domain
        else:
            row.confirmed_at = None
        uow.session.add(row)
    uow.session.flush()
