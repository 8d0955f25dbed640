"""Who acts: the person, the workspace, the role and the limits of a key, read from SQL for the very call."""

import uuid
from dataclasses import dataclass

from models.workspace import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which workspace, with which role; read from SQL for this very call.

    `scopes` are the permissions that an API key is limited to; None is no limit but the role's.
    """

    user_id: uuid.UUID
    workspace_id: uuid.UUID
    role: Role
    session_id: uuid.UUID | None = None
    key_id: uuid.UUID | None = None
    scopes: frozenset[str] | None = None
    is_confined: bool = False  # signed in through the workspace's own provider, whose word counts in this workspace alone
    via: str = ""  # browser | api | console
    address: str = ""  # of the client, as the outermost trusted proxy says
