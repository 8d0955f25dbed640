"""Ports of the application itself, beside the engine's: what services and edges ask of queue, live feed, hashing and sealing."""

import uuid
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from engine.json import JsonObject


class JobQueue(Protocol):
    """The doorbell: a message carries ids only and may be lost, repeated or reordered without harm."""

    def ring_run(self, run_id: uuid.UUID) -> None:
        """Ask a worker to look at the run; raises Unavailable when the queue does not answer."""
        ...

    def waiting_messages(self) -> int:
        """How many messages no worker has taken yet; raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """One best-effort message of a run's live feed; `cursor` resumes after it. `kind` journal says: read new events."""

    cursor: str
    kind: str
    node: str
    iteration: str
    payload: JsonObject


class LiveFeed(Protocol):
    """Streams partial output from workers to pages; SQL stays the truth."""

    def publish(self, run_id: uuid.UUID, kind: str, node: str, iteration: str, payload: JsonObject) -> None:
        """Never raises and never blocks the run for longer than a local socket write."""
        ...

    def nudge(self, run_id: uuid.UUID) -> None:
        """Tell the worker that holds the run to read its row now (cancel, decision); never raises."""
        ...

    async def read(self, run_id: uuid.UUID, *, cursor: str = "0", wait_s: float = 5.0) -> list[LiveUpdate]:
        """Return what came after the cursor, waiting at most `wait_s` for the first; [] when nothing came."""
        ...

    def follow(self, run_id: uuid.UUID, *, cursor: str = "0", idle_s: float = 15.0) -> AsyncIterator[LiveUpdate]:
        """Yield updates after `cursor`; ends after `idle_s` without one, so that followers can re-check SQL and rights."""
        ...


class PasswordHasher(Protocol):
    """Slow hashing; call it off the event loop."""

    def hash(self, password: str) -> str:
        """Return a self-describing hash."""
        ...

    def verify(self, hashed: str, password: str) -> bool:
        """Tell whether the password fits; takes the same time for a wrong one."""
        ...

    def needs_rehash(self, hashed: str) -> bool:
        """Tell whether the parameters are older than today's."""
        ...


@dataclass(frozen=True, slots=True)
class RateCount:
    """How one key stands in the present window; `reset_s` until the next one begins."""

    allowed: int
    used: int
    reset_s: int

    @property
    def remaining(self) -> int:
        """What is left of it."""
        return max(0, self.allowed - self.used)

    @property
    def is_over(self) -> bool:
        """Whether this one was too many."""
        return self.used > self.allowed


class RateLimiter(Protocol):
    """Counts attempts in a sliding window, across all web processes while Redis answers, in this process otherwise."""

    def hit(self, key: str, *, allowed: int, window_s: int) -> float:
        """Count one attempt; return 0.0 when it is allowed, else the seconds until the next one may be."""
        ...

    def count(self, allowed: Mapping[str, int], *, window_s: int) -> list[RateCount]:
        """Count one in the present fixed window for each key and what it may have, in one round trip, up to the first that is over."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail in plain text. `id` stays the same when it is sent again."""

    id: uuid.UUID
    to: str
    subject: str
    text: str
    stop_url: str = ""  # ends letters of this kind by one POST (RFC 8058)


class MailNotSent(Exception):
    """The mail server did not take a letter; `is_final` when it never will."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class Mailer(Protocol):
    """Sends letters; slow, so only workers call `send`."""

    @property
    def kind(self) -> str:
        """`smtp`; `outbox`, which keeps letters to be read on this machine; or `none`."""
        ...

    @property
    def proves_addresses(self) -> bool:
        """Whether a letter reaches its mailbox and nobody else, so that an account can wait for its link to be opened."""
        ...

    def send(self, letter: Letter) -> None:
        """Hand it to the mail server, or raise MailNotSent."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One way to sign in elsewhere. `trusts_email`: its word that an address is verified is believed."""

    key: str
    label: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    is_github: bool = False
    trusts_email: bool = True
    is_private: bool = False  # stands in the operator's own network


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """What the sign-in page shows of it."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Attempted:
    """A sign-in on its way: what must come back, and what proves that it is ours."""

    provider: str
    state: str
    nonce: str
    verifier: str = field(repr=False)
    redirect_uri: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who a provider says the person is. Issuer and subject are the key; the address is only what is shown."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    name: str


class IdentityRefused(Exception):
    """A provider's answer does not fit together; the message is one word for the log."""


class IdentityProviders(Protocol):
    """Ways to sign in elsewhere; asked by edges, outside any transaction."""

    def cards(self) -> tuple[ProviderCard, ...]:
        """What the sign-in page offers."""
        ...

    async def address(self, attempted: Attempted) -> str:
        """Where the browser goes; raises IdentityRefused or Unavailable."""
        ...

    async def check(self, key: str) -> None:
        """Read the provider's discovery document and keys; raises IdentityRefused or Unavailable when nobody could sign in with them."""
        ...

    async def claim(self, attempted: Attempted, *, code: str, issuer: str) -> Claimed:
        """Trade the code; `issuer` is what the provider said of itself on the way back, or ""."""
        ...


class DomainRecords(Protocol):
    """What the DNS says of a domain; asked by edges, outside any transaction."""

    def texts(self, name: str) -> tuple[str, ...]:
        """Its TXT records; none where there is no such name. Raises Unavailable."""
        ...


class SealBroken(Exception):
    """A sealed text cannot be opened; the message says why without quoting it."""


class SecretBox(Protocol):
    """Keeps small secrets unreadable in the database; `context` names what a secret belongs to and must be the same on opening."""

    def seal(self, plain: bytes, *, context: str) -> str:
        """Return ASCII text to store."""
        ...

    def open(self, sealed: str, *, context: str) -> bytes:
        """Return what was sealed, or raise SealBroken."""
        ...

    @property
    def key_id(self) -> str:
        """The key that seals now."""
        ...

    def key_of(self, sealed: str) -> str:
        """The key that a sealed text names, or ""."""
        ...

    def mark(self, text: str) -> str:
        """Return a short unguessable mark of a text that only this installation can make: a capability without a row."""
        ...


@dataclass(frozen=True, slots=True)
class OpenedCredential:
    """A credential for the moment of its use; its fields are not shown, not even by accident. `type` says where they go on a request."""

    id: uuid.UUID
    name: str
    hosts: tuple[str, ...]
    fields: Mapping[str, str] = field(repr=False)


class CredentialSource(Protocol):
    """Opens credentials of one workspace for one run; each first use is written down before the secret is handed out."""

    async def for_request(self, name: str) -> OpenedCredential:
        """The credential of this name; raises Permanent `credential_...` or Transient when the database is away."""
        ...

    async def model_key(self, provider: str) -> str:
        """The workspace's own key of a provider, or ""."""
        ...


class TokenRefused(Exception):
    """An access token is expired, forged or meant for somebody else; the message is for logs."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: whose it is, and the session it lives by."""

    user_id: uuid.UUID
    session_id: uuid.UUID


class AccessTokens(Protocol):
    """Short-lived signed tokens of the API. What they allow is read from SQL at every call; they only name a session."""

    def issue(self, claims: AccessClaims, *, now: datetime, lifetime_s: int) -> str:
        """Return a signed token."""
        ...

    def read(self, token: str, *, now: datetime) -> AccessClaims:
        """Return what a valid token says, or raise TokenRefused."""
        ...


class AddressRules(Protocol):
    """What the guarded HTTP client will say to an address, asked early so that a form can tell; connecting checks again."""

    def problem_of(self, url: str) -> str:
        """Return why the address cannot be called, or ""."""
        ...


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model as the picker shows it. Prices are millionths of a US dollar per million tokens' worth of one token: micros per 1k tokens."""

    id: str
    label: str
    provider: str
    context_tokens: int
    input_micros_per_1k: int
    output_micros_per_1k: int
    is_demo: bool = False
    is_available: bool = True
    unavailable_reason: str = ""
    supports_tools: bool = True
    supports_schema: bool = True
    description: str = ""


class ModelCatalogue(Protocol):
    """The stored list of models; never imports a provider library."""

    def cards(self) -> list[ModelCard]:
        """All models, demo first, available before unavailable."""
        ...

    def card(self, model_id: str) -> ModelCard | None:
        """One model or None."""
        ...

    def with_keys(self, providers: Collection[str]) -> "ModelCatalogue":
        """The catalogue of somebody who has keys of these providers besides the installation's."""
        ...
