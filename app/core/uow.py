"""The unit of work: one transaction, one actor, the scoped loaders, and what must happen after commit."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.audit import Trail
from app.core.endings import EndHook, EndHooks
from app.core.errors import NotFound, NotSignedIn
from app.core.payments import PaymentGateway
from app.core.ports import AccessTokens, AddressRules, JobQueue, LiveFeed, Mailer, ModelCatalogue, PasswordHasher, RateLimiter, SecretBox
from engine.ports import Clock
from models.base import WorkspaceRow
from models.credential import Credential
from models.workspace import Role

M = TypeVar("M", bound=WorkspaceRow)


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
    via: str = ""  # browser | api | console
    address: str = ""  # of the client, as the outermost trusted proxy says


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside parts services may ask; app.wiring fills it with adapters, tests with fakes."""

    clock: Clock
    queue: JobQueue
    live: LiveFeed
    hasher: PasswordHasher
    catalogue: ModelCatalogue
    limiter: RateLimiter
    box: SecretBox
    tokens: AccessTokens
    addresses: AddressRules
    mailer: Mailer
    public_url: str = ""
    provider_urls: Mapping[str, str] = field(default_factory=dict[str, str])  # provider -> base address instead of its own
    demo_account_allowed: bool = False
    operators: frozenset[str] = frozenset()  # addresses, in canonical form, of the people who decide what the marketplace shows
    payments: PaymentGateway | None = None  # None: nothing can be sold here; see app.wiring
    end_hooks: EndHooks = field(default_factory=dict[str, tuple[EndHook, ...]])  # who hears, in the same transaction, that a run ended


class UnitOfWork:
    """Services read and write through `session`; the edge that opened the unit commits it, services never do."""

    def __init__(self, session: Session, *, ports: Ports, actor: Actor | None = None) -> None:
        self.session = session
        self.ports = ports
        self.actor = actor
        self._after_commit: list[Callable[[], None]] = []
        self._catalogue: ModelCatalogue | None = None
        self.trail = session.info["trail"] = Trail()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Remember something to do once the transaction is durable, such as ringing the queue."""
        self._after_commit.append(action)

    def run_after_commit(self) -> None:
        """Called by the edge after a successful commit; each action runs once."""
        actions, self._after_commit = self._after_commit, []
        for action in actions:
            action()

    @property
    def workspace_id(self) -> uuid.UUID:
        """The actor's workspace; never taken from a client."""
        if self.actor is None:
            raise NotSignedIn()
        return self.actor.workspace_id

    @property
    def catalogue(self) -> ModelCatalogue:
        """The models that this workspace can use: those of the installation, and of providers it has a key of its own for."""
        if self._catalogue is None:
            own = select(Credential.provider).where(Credential.workspace_id == self.workspace_id, col(Credential.provider).is_not(None))
            self._catalogue = self.ports.catalogue.with_keys({name for name in self.session.exec(own).all() if name})
        return self._catalogue

    def scoped(self, model: type[M]) -> SelectOfScalar[M]:
        """The blessed start of every tenant query: a select limited to the actor's workspace."""
        return select(model).where(model.workspace_id == self.workspace_id)

    def load(self, model: type[M], row_id: uuid.UUID | None, *, what: str = "This item") -> M:
        """Load one row of the actor's workspace; absent, deleted and foreign ids give the same NotFound."""
        if row_id is None:
            raise NotFound(what)
        row = self.session.exec(self.scoped(model).where(model.id == row_id)).first()
        if row is None or getattr(row, "deleted_at", None) is not None:
            raise NotFound(what)
        return row
