"""Builds the adapters from the settings and opens units of work; edges ask it, services never do."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.engine import Engine
from sqlmodel import Session

from app.adapters.access_tokens import JwtAccessTokens
from app.adapters.catalogue import StoredCatalogue
from app.adapters.database import open_database
from app.adapters.domain_records import DnsRecords
from app.adapters.http_addresses import OutboundAddresses
from app.adapters.http_guarded import GuardedHttpClient
from app.adapters.identity_oidc import OidcProviders
from app.adapters.live_redis import RedisLiveFeed
from app.adapters.mail import make_mailer
from app.adapters.passwords import Argon2Hasher
from app.adapters.payments_local import LocalGateway
from app.adapters.queue_rq import RqQueue
from app.adapters.rate_limits import SlidingRateLimiter
from app.adapters.secret_box import AesSecretBox
from app.core.audit_writing import tell_denial, write_trail
from app.core.clock import SystemClock
from app.core.config import Settings, get_settings
from app.core.database_away import AWAY, as_refusal
from app.core.errors import AppError, NotAllowed, NotFound
from app.core.ports import DomainRecords, IdentityProviders, ProviderSettings, SecretBox
from app.core.secret_keys import read_secret_keys
from app.core.subscriptions import Gateway
from app.core.uow import Actor, Ports, UnitOfWork
from app.services.accounts.identity import email_key
from app.services.conversations import finish_turn

DENIALS_PER_MINUTE = 60
log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wiring:
    """One process's assembled parts."""

    settings: Settings
    database: Engine
    ports: Ports
    identities: IdentityProviders
    domains: DomainRecords

    def identities_of(self, provider: ProviderSettings) -> IdentityProviders:
        """A workspace's own provider: its owners chose the address, so the operator's private network is not for it."""
        allows, ports = self.settings.allow_private_network, self.settings.http_extra_ports
        return OidcProviders([provider], open_http=partial(GuardedHttpClient, allow_private_network=allows, extra_ports=ports))

    @contextmanager
    def unit(self, actor: Actor | None = None, *, write: bool = True) -> Generator[UnitOfWork]:
        """Open a unit of work; commits on success, then runs what waits for the commit; rolls back on any error."""
        uow = None
        try:
            with self.database.connect().execution_options(af_write=write) as connection, Session(bind=connection) as session:
                uow = UnitOfWork(session, ports=self.ports, actor=actor)
                yield uow
                session.flush()
                write_trail(uow)
                session.commit()
        except (NotAllowed, NotFound) as error:
            if uow is not None:
                self._tell_denial(uow, error)
            raise
        except AWAY as error:
            log.warning("the database did not answer: %s", error)
            raise as_refusal(error) from error
        uow.run_after_commit()

    def _tell_denial(self, refused: UnitOfWork, error: NotAllowed | NotFound) -> None:
        """Write down that somebody was refused, or asked for what is not there for them; a flood of it is told in part."""
        actor = refused.actor
        if actor is None or self.ports.limiter.hit(f"denied:{actor.user_id}", allowed=DENIALS_PER_MINUTE, window_s=60):
            return
        try:
            with self.unit(actor) as uow:
                tell_denial(uow, refused=refused.trail, error=error)
        except AppError as away:
            log.warning("a refusal could not be written down: %s", away.message)

    def call(self, service: Callable[Concatenate[UnitOfWork, P], T], actor: Actor | None, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one service in one unit of work."""
        with self.unit(actor) as uow:
            return service(uow, *args, **kwargs)


def build_wiring(settings: Settings) -> Wiring:
    """Assemble the real adapters; opens no connection yet."""
    database = open_database(settings.database_url)
    box = AesSecretBox(lambda: read_secret_keys(settings))
    ports = Ports(
        clock=SystemClock(),
        queue=RqQueue(settings.redis_url),
        live=RedisLiveFeed(settings.redis_url),
        hasher=Argon2Hasher(),
        catalogue=StoredCatalogue(
            settings.provider_keys, openai_compatible_url=settings.openai_compatible_url, provider_urls=settings.provider_urls
        ),
        limiter=SlidingRateLimiter(settings.redis_url),
        box=box,
        tokens=JwtAccessTokens(lambda: read_secret_keys(settings)[0], issuer=settings.public_url),
        payments=_payments(settings, database, box),
        addresses=OutboundAddresses(allow_private=settings.allow_private_network, extra_ports=settings.http_extra_ports),
        mailer=make_mailer(settings),
        public_url=settings.public_url,
        provider_urls=settings.provider_urls,
        end_hooks={"chat": (finish_turn,)},
        demo_account_allowed=not settings.is_production,
        default_plan=settings.default_plan,
        has_public_market=settings.has_public_market,
        operators=frozenset(email_key(address) for address in settings.operators),
    )
    allows = settings.allow_private_network or any(provider.is_private for provider in settings.identity_providers)
    guarded = partial(GuardedHttpClient, allow_private_network=allows, extra_ports=settings.http_extra_ports)
    identities = OidcProviders(settings.identity_providers, open_http=guarded)
    return Wiring(settings=settings, database=database, ports=ports, identities=identities, domains=DnsRecords())


def _payments(settings: Settings, database: Engine, box: SecretBox) -> Gateway | None:
    """Stripe where a key is set; without one the test gateway, but never in production, where it would give paid things away."""
    if settings.stripe_key:
        module = import_module("app.adapters.payments_stripe")  # by name: the library is heavy, and most installations have no key
        gateway: Gateway = module.StripeGateway(
            key=settings.stripe_key,
            webhook_secret=settings.stripe_webhook_secret,
            url=settings.stripe_url,
            taxes=settings.taxes,
            connect_secret=settings.stripe_connect_secret,
        )
        return gateway
    if settings.is_production:
        return None
    return LocalGateway(database, clock=SystemClock(), secret=lambda: box.mark("payments"), taxes=settings.taxes)


@lru_cache(maxsize=1)
def get_wiring() -> Wiring:
    """Return this process's parts, built once."""
    return build_wiring(get_settings())
