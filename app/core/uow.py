"""The unit of work: one transaction, one actor, the scoped loaders, and what must happen after commit."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.actor import Actor
from app.core.audit import Trail
from app.core.endings import EndHook, EndHooks
from app.core.errors import NotAllowed, NotFound, NotSignedIn
from app.core.ports import AccessTokens, AddressRules, JobQueue, LiveFeed, Mailer, ModelCatalogue, PasswordHasher, RateLimiter, SecretBox
from app.core.sharing import access_to, one_row, reaches, thing_of, within_reach
from app.core.subscriptions import Gateway
from engine.ports import Clock
from models.base import WorkspaceRow
from models.credential import Credential
from models.grant import Access

M = TypeVar("M", bound=WorkspaceRow)
_IS_HERE = col(Credential.workspace_id) == sa.bindparam("workspace_id")
_PROVIDERS = sa.select(col(Credential.provider)).where(_IS_HERE, col(Credential.provider).is_not(None))
_DOING = {Access.VIEW: "reading", Access.RUN: "running", Access.EDIT: "changing"}


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
    default_plan: str | None = None  # of workspaces that have no other; "": there are no plans; None: operators choose while it runs
    has_public_market: bool = False  # whether visitors without a session may look along the marketplace
    payments: Gateway | None = None  # None: nothing can be sold here; see app.wiring
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
        self._asked: tuple[Actor | None, Access] = (None, Access.VIEW)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Remember something to do once the transaction is durable, such as ringing the queue."""
        self._after_commit.append(action)

    def run_after_commit(self) -> None:
        """Called by the edge after a successful commit; each action runs once."""
        actions, self._after_commit = self._after_commit, []
        for action in actions:
            action()

    @property
    def asked(self) -> Access:
        """As far as the permissions that `require` was asked for this actor go; loads demand that much of what is shared."""
        actor, access = self._asked
        return access if actor is self.actor else Access.VIEW

    def ask(self, access: Access) -> None:
        """Demand at least this much of every row that is loaded from now on."""
        self._asked = (self.actor, max(self.asked, access, key=tuple(Access).index))

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
            own = self.session.connection().execute(_PROVIDERS, {"workspace_id": self.workspace_id}).scalars()
            self._catalogue = self.ports.catalogue.with_keys({name for name in own if name})
        return self._catalogue

    def scoped(self, model: type[M]) -> SelectOfScalar[M]:
        """The blessed start of every tenant query: a select limited to the actor's workspace, and to what is shared with them."""
        return select(model).where(model.workspace_id == self.workspace_id, self.within_reach(model))

    def within_reach(
        self, model: type[WorkspaceRow], needed: Access = Access.VIEW, *, alias: Any = None, figures: bool = False
    ) -> ColumnElement[bool]:
        """For selects written by hand: the condition that leaves out rows of `model` (or of an alias of its table) that are not shared.

        `figures`: for sums only; what sealed listings used counts with what called them.
        """
        if self.actor is None:
            raise NotSignedIn()
        return within_reach(self.actor, model, needed, alias=alias, figures=figures)

    def one_row(self, model: type[WorkspaceRow], what: Any = None) -> Any:
        """What `load` asks, for selects of some columns: takes workspace_id and row_id as parameters; see app.core.sharing."""
        if self.actor is None:
            raise NotSignedIn()
        return one_row(self.actor, model, what)

    def load(self, model: type[M], row_id: uuid.UUID | None, *, what: str = "This item", needed: Access | None = None) -> M:
        """Load one row of the actor's workspace; absent, deleted, foreign and unshared ids give the same NotFound.

        A row that is shared less far than the service's permission reaches (or `needed`) gives NotAllowed.
        """
        if row_id is None:
            raise NotFound(what)
        row: M | None = self.session.exec(self.one_row(model), params={"workspace_id": self.workspace_id, "row_id": row_id}).first()
        if row is None or getattr(row, "deleted_at", None) is not None:
            self.trail.blame(model, row_id)
            raise NotFound(what)
        self.demand(row, what=what, needed=needed)
        return row

    def reaches(self, row: WorkspaceRow, needed: Access) -> bool:
        """Whether a loaded row, or the agent or workflow it hangs on, is shared with the actor that far. Rows of other kinds always are."""
        if self.actor is None:
            raise NotSignedIn()
        thing = thing_of(self.session, row)
        return thing is None or reaches(access_to(self.session, self.actor, thing), needed)

    def demand(self, row: WorkspaceRow, *, what: str = "This item", needed: Access | None = None) -> None:
        """Raise NotFound unless a row is shared with the actor, NotAllowed unless it is as far as the service's permission goes."""
        wanted = needed or self.asked
        if not self.reaches(row, Access.VIEW):
            self.trail.blame(type(row), row.id)
            raise NotFound(what)
        if not self.reaches(row, wanted):
            self.trail.blame(type(row), row.id)
            told = f"{what} is not shared with you for {_DOING[wanted]}. Ask its owner or an admin of the workspace."
            raise NotAllowed(told, code="not_shared")


__all__ = ["Actor", "Ports", "UnitOfWork"]
