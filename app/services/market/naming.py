"""Under which name and face a workspace sells: its profile's, or its own name where it has written none."""

import uuid
from dataclasses import dataclass

from sqlmodel import select

from app.core.uow import UnitOfWork
from models.creator import Creator
from models.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Face:
    """What a profile shows; all of it may be empty."""

    about: str = ""
    website: str = ""
    picture: str = ""  # its address
    is_written: bool = False


def public_name(uow: UnitOfWork, workspace_id: uuid.UUID) -> str:
    """The name that listings of the workspace stand under from now on."""
    chosen = uow.session.exec(select(Creator.name).where(Creator.workspace_id == workspace_id)).first()
    return chosen or uow.session.exec(select(Workspace.name).where(Workspace.id == workspace_id)).one()


def face_of(uow: UnitOfWork, workspace_id: uuid.UUID) -> Face:
    """What stands beside the name."""
    row = uow.session.exec(select(Creator).where(Creator.workspace_id == workspace_id)).first()
    if row is None:
        return Face()
    return Face(row.about, row.website, picture_href(row), bool(row.name or row.about or row.website or row.picture_id))


def picture_href(row: Creator) -> str:
    """Where the picture is, "" without one."""
    return f"/pictures/{row.picture_id}" if row.picture_id else ""
