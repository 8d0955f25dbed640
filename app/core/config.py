"""Settings: the only reader of the environment, validated once at start with messages that name the variable."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote

from app.core.identity_settings import read_identity_providers
from app.core.payments import TaxSettings
from app.core.ports import ProviderSettings

Environment = Literal["development", "production", "test"]


class SettingsError(ValueError):
    """One or more variables are wrong; the message lists them all."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Validated settings. URLs: `database_url` is an SQLAlchemy URL, `redis_url` is redis://, rediss:// or unix://."""

    environment: Environment
    host: str
    port: int
    data_dir: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    has_embedded_redis: bool
    secret_key: str = field(repr=False)
    old_secret_keys: tuple[str, ...] = field(repr=False)  # earlier ones, which still open what they sealed
    web_workers: int
    trusted_proxies: int  # reverse proxies in front of us whose X-Forwarded-For counts
    workers: int
    worker_concurrency: int
    lease_s: int  # how long a dead worker's runs wait for another one
    grace_s: int  # how long a stopping worker lets running steps finish
    fault: str  # a crash point of app.jobs.faults; test environment only
    public_url: str
    log_level: str
    log_json: bool
    allow_private_network: bool
    provider_keys: Mapping[str, str] = field(repr=False)  # provider name -> key, e.g. {"openai": "..."}
    openai_compatible_url: str
    provider_urls: Mapping[str, str]  # provider name -> base URL that replaces the provider's own
    provider_limits: Mapping[str, tuple[int, int, int]]  # provider -> requests and tokens a minute, calls at once; 0: no limit
    http_extra_ports: tuple[int, ...]  # ports nodes may call besides 80 and 443
    metrics_token: str = field(repr=False)  # bearer that may read /metrics
    worker_metrics_port: int  # 0: a worker answers no scrapes
    otlp_endpoint: str  # OpenTelemetry collector, OTLP over HTTP; "" sends no traces
    otlp_headers: Mapping[str, str] = field(repr=False)
    otel_service: str
    otel_content: bool  # whether traces carry inputs, outputs and answers
    smtp_url: str = field(repr=False)  # smtp://user:password@host:587 (STARTTLS) or smtps://host:465; "" sends no e-mail
    mail_from: str
    has_outbox: bool  # e-mails are kept and shown to anybody who opens /outbox; development only
    identity_providers: tuple[ProviderSettings, ...] = field(repr=False)
    api_per_address: int  # requests a minute below /api/v1; 0: no limit
    api_per_account: int
    api_per_key: int
    api_per_workspace: int
    api_max_body_kb: int
    api_max_depth: int  # how deep a JSON body may be nested
    sockets_per_address: int  # open event sockets in one web process; 0: no limit
    demo_tokens_per_s: int  # how fast demo models stream; 0 sends answers at once
    stripe_key: str = field(repr=False)  # "" leaves payments to the test gateway, and none in production
    stripe_webhook_secret: str = field(repr=False)
    stripe_connect_secret: str = field(repr=False)  # of the webhook with events of creators' accounts
    stripe_url: str  # replaces api.stripe.com
    taxes: TaxSettings
    default_plan: str | None  # of workspaces that were put on no other; "": there are no plans; None: operators choose
    has_public_market: bool  # visitors without a session see the marketplace, and search engines index it
    operators: tuple[str, ...]  # e-mail addresses of the people who decide what the marketplace shows

    @property
    def demo_pause_s(self) -> float:
        """The longest that a demo model takes for an answer nobody watches; tests do not wait."""
        return 0.0 if self.environment == "test" else 1.2

    @property
    def is_production(self) -> bool:
        """Demo account, local outbox and private-network access exist only outside production."""
        return self.environment == "production"

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a local file."""
        return self.database_url.startswith("sqlite")


PROVIDER_KEY_VARIABLES = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "azure": "AZURE_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "groq": "GROQ_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "xai": "XAI_API_KEY",
}
PROVIDER_URL_VARIABLES = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "azure": "AZURE_API_BASE",
    "ollama": "OLLAMA_BASE_URL",
}
"""Ollama and Azure have no address of their own: without the variable their models are not available."""
PLAN_KEYS = ("", "off", "free", "starter", "pro", "business", "enterprise")
_LONGEST_SOCKET_PATH = 100  # the kernel allows 107 bytes on Linux, 103 on macOS
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class _Reader:
    """Reads variables and gathers problems so that all are told at once."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.env.get(name, "").strip() or default

    def whole(self, name: str, default: int, *, low: int, high: int) -> int:
        raw = self.text(name, str(default))
        if not raw.isdecimal() or not low <= int(raw) <= high:
            self.problems.append(f"{name} must be a whole number from {low} to {high}, not {raw!r}.")
            return default
        return int(raw)

    def flag(self, name: str, default: bool) -> bool:
        raw = self.text(name, "1" if default else "0").lower()
        if raw not in ("0", "1", "true", "false", "yes", "no"):
            self.problems.append(f"{name} must be 1 or 0, not {raw!r}.")
        return raw in ("1", "true", "yes")

    def choice(self, name: str, default: str, options: tuple[str, ...]) -> str:
        raw = self.text(name, default)
        if raw not in options:
            self.problems.append(f"{name} must be one of {', '.join(options)}, not {raw!r}.")
            return default
        return raw

    def url(self, name: str) -> str:
        raw = self.text(name).rstrip("/")
        if raw and not raw.startswith(("http://", "https://")):
            self.problems.append(f"{name} must start with http:// or https://, not {raw!r}.")
            return ""
        return raw

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def ports(self, name: str) -> tuple[int, ...]:
        parts = [part.strip() for part in self.text(name).split(",") if part.strip()]
        if not all(part.isdecimal() and 1 <= int(part) <= 65535 for part in parts):
            self.problems.append(f"{name} must be port numbers separated by commas, such as 8080,8443.")
            return ()
        return tuple(int(part) for part in parts)

    def limits(self, name: str) -> dict[str, tuple[int, int, int]]:
        """The form provider=requests/tokens/calls,provider=..., where 0 is no limit."""
        found: dict[str, tuple[int, int, int]] = {}
        for part in (part.strip() for part in self.text(name).split(",")):
            provider, _, numbers = part.partition("=")
            given = numbers.split("/")
            if part and (not provider or len(given) != 3 or not all(number.isdecimal() and len(number) < 12 for number in given)):
                self.problems.append(
                    f"{name} must be like openai=500/200000/50: requests and tokens a minute and calls at once, 0 for no limit."
                )
                return {}
            if part:
                found[provider] = (int(given[0]), int(given[1]), int(given[2]))
        return found

    def pairs(self, name: str) -> dict[str, str]:
        """The form OpenTelemetry uses: key=value,key=value, percent-encoded."""
        found: dict[str, str] = {}
        for part in self.text(name).split(","):
            key, sign, value = part.strip().partition("=")
            if not part.strip():
                continue
            if not sign or not key.strip():
                self.problems.append(f"{name} must be key=value pairs separated by commas.")
                return {}
            found[key.strip()] = unquote(value.strip())
        return found


def read_settings(env: Mapping[str, str]) -> Settings:
    """Build settings from an environment mapping, or raise SettingsError that names every wrong variable."""
    read = _Reader(env)
    environment = read.choice("AF_ENV", "development", get_args(Environment))
    data_dir = Path(read.text("AF_DATA_DIR", ".data")).absolute()
    port = read.whole("AF_PORT", 8400, low=1, high=65535)
    database_url = _database_url(read, data_dir)
    redis_url = read.text("REDIS_URL", f"unix://{embedded_redis_socket(data_dir)}")
    if not redis_url.startswith(("redis://", "rediss://", "unix://")):
        read.problems.append("REDIS_URL must start with redis://, rediss:// or unix://.")
    settings = Settings(
        environment=environment,  # type: ignore[arg-type] - checked by choice()
        host=read.text("AF_HOST", "127.0.0.1"),
        port=port,
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        has_embedded_redis=not read.text("REDIS_URL"),
        **_secret_keys(read, environment),
        web_workers=read.whole("AF_WEB_WORKERS", 1, low=1, high=64),
        workers=read.whole("AF_WORKERS", 1, low=0, high=64),
        worker_concurrency=read.whole("AF_WORKER_CONCURRENCY", 200, low=1, high=5000),
        lease_s=read.whole("AF_LEASE_S", 60, low=1, high=3600),
        grace_s=read.whole("AF_GRACE_S", 5, low=0, high=20),
        fault=read.text("AF_FAULT") if environment == "test" else "",
        public_url=read.text("AF_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        trusted_proxies=read.whole("AF_TRUSTED_PROXIES", 0, low=0, high=5),
        log_level=read.choice("AF_LOG_LEVEL", "INFO", _LEVELS),
        log_json=read.flag("AF_LOG_JSON", environment == "production"),
        allow_private_network=read.flag("AF_ALLOW_PRIVATE_NETWORK", False),
        http_extra_ports=read.ports("AF_HTTP_EXTRA_PORTS"),
        **_models(read),
        **(_monitoring(read) | _payments(read)),
        **_mail(read, environment),
        **_api(read, environment),
        identity_providers=read_identity_providers(read, environment),
    )
    if read.problems:
        raise SettingsError("\n".join(read.problems))
    return settings


def _models(read: _Reader) -> dict[str, Any]:
    return {
        "provider_keys": {name: read.text(var) for name, var in PROVIDER_KEY_VARIABLES.items() if read.text(var)},
        "openai_compatible_url": read.url("OPENAI_BASE_URL"),
        "provider_limits": read.limits("AF_PROVIDER_LIMITS"),
        "provider_urls": {name: read.url(var) for name, var in PROVIDER_URL_VARIABLES.items() if read.url(var)},
        "demo_tokens_per_s": read.whole("AF_DEMO_TOKENS_PER_S", 80, low=0, high=10_000),
    }


def _monitoring(read: _Reader) -> dict[str, Any]:
    return {
        "metrics_token": read.text("AF_METRICS_TOKEN"),
        "worker_metrics_port": read.whole("AF_WORKER_METRICS_PORT", 0, low=0, high=65535),
        "otlp_endpoint": read.url("OTEL_EXPORTER_OTLP_ENDPOINT"),
        "otlp_headers": read.pairs("OTEL_EXPORTER_OTLP_HEADERS"),
        "otel_service": read.text("OTEL_SERVICE_NAME", "agent-factory"),
        "otel_content": read.flag("AF_OTEL_CONTENT", False),
    }


def _api(read: _Reader, environment: str) -> dict[str, Any]:
    """The suite calls faster than anybody, from one address."""
    usual = 0 if environment == "test" else 1
    return {
        "api_per_address": read.whole("AF_API_PER_ADDRESS", 3000 * usual, low=0, high=10_000_000),
        "api_per_account": read.whole("AF_API_PER_ACCOUNT", 1200 * usual, low=0, high=10_000_000),
        "api_per_key": read.whole("AF_API_PER_KEY", 1200 * usual, low=0, high=10_000_000),
        "api_per_workspace": read.whole("AF_API_PER_WORKSPACE", 6000 * usual, low=0, high=10_000_000),
        "api_max_body_kb": read.whole("AF_API_MAX_BODY_KB", 8192, low=64, high=262_144),
        "api_max_depth": read.whole("AF_API_MAX_DEPTH", 100, low=10, high=500),
        "sockets_per_address": read.whole("AF_SOCKETS_PER_ADDRESS", 500, low=0, high=100_000),
    }


def _mail(read: _Reader, environment: str) -> dict[str, Any]:
    smtp_url = read.text("AF_SMTP_URL")
    if smtp_url and not smtp_url.startswith(("smtp://", "smtps://")):
        read.problems.append("AF_SMTP_URL must start with smtp:// or smtps://, such as smtp://user:password@mail.example.com:587.")
    mail_from = read.text("AF_MAIL_FROM", "Agent Factory <no-reply@localhost>")
    if "@" not in mail_from or any(sign in mail_from for sign in "\r\n"):
        read.problems.append("AF_MAIL_FROM must be an address, such as Agent Factory <no-reply@example.com>.")
    is_local = read.text("AF_HOST", "127.0.0.1") in ("127.0.0.1", "localhost", "::1")
    has_outbox = read.flag("AF_OUTBOX", environment != "production" and is_local and not smtp_url)
    if has_outbox and (environment == "production" or smtp_url):
        read.problems.append("AF_OUTBOX shows every e-mail to everybody: it is for development without AF_SMTP_URL only.")
    return {"smtp_url": smtp_url, "mail_from": mail_from, "has_outbox": has_outbox}


def _payments(read: _Reader) -> dict[str, Any]:
    key, secret = read.text("STRIPE_API_KEY"), read.text("AF_STRIPE_WEBHOOK_SECRET")
    if key and not secret:
        read.problems.append("AF_STRIPE_WEBHOOK_SECRET must be set when STRIPE_API_KEY is: only signed events settle a purchase.")
    operators, plans = read.words("AF_OPERATORS"), read.choice("AF_PLANS", "", PLAN_KEYS)
    if any("@" not in address for address in operators):
        read.problems.append("AF_OPERATORS must be e-mail addresses separated by commas, such as ada@example.com.")
    return {
        "stripe_key": key,
        "stripe_webhook_secret": secret,
        "stripe_connect_secret": read.text("AF_STRIPE_CONNECT_SECRET"),
        "stripe_url": read.url("STRIPE_API_BASE"),
        "taxes": TaxSettings(
            is_on=read.flag("AF_TAX", False),
            is_inclusive=read.choice("AF_TAX_BEHAVIOR", "exclusive", ("exclusive", "inclusive")) == "inclusive",
            collects_ids=read.flag("AF_TAX_IDS", False),
            wants_address=read.flag("AF_BILLING_ADDRESS", False),
            test_bps=read.whole("AF_TAX_TEST_BPS", 1900, low=0, high=10_000),
        ),
        "operators": operators,
        "default_plan": {"": None, "off": ""}.get(plans, plans),
        "has_public_market": read.flag("AF_PUBLIC_MARKETPLACE", True),
    }


def _secret_keys(read: _Reader, environment: str) -> dict[str, Any]:
    secret_key = read.text("AF_SECRET_KEY")
    if environment == "production" and len(secret_key) < 32:
        read.problems.append("AF_SECRET_KEY must be set to at least 32 random characters in production.")
    return {"secret_key": secret_key, "old_secret_keys": read.words("AF_OLD_SECRET_KEYS")}


def _database_url(read: _Reader, data_dir: Path) -> str:
    url = read.text("DATABASE_URL", f"sqlite:///{data_dir / 'agent-factory.db'}")
    if url.startswith("postgres://"):
        url = "postgresql" + url.removeprefix("postgres")
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        read.problems.append("DATABASE_URL must start with sqlite:/// or postgresql://.")
    return url


def embedded_redis_socket(data_dir: Path) -> Path:
    """Where the embedded server listens; a path too long for a unix socket moves to a private folder under /tmp."""
    path = data_dir / "valkey.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"agent-factory-{os.getuid()}" / f"{name}.sock"


def allowed_origins(settings: Settings) -> tuple[str, ...]:
    """Origins that may open the event socket or send a cookie; never a wildcard."""
    if settings.is_production:
        return (settings.public_url,)
    local = (f"http://127.0.0.1:{settings.port}", f"http://localhost:{settings.port}")
    return tuple(dict.fromkeys((settings.public_url, *local)))


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of a child process that must end up with these same settings."""
    return os.environ | {
        "AF_ENV": settings.environment,
        "AF_HOST": settings.host,
        "AF_PORT": str(settings.port),
        "AF_DATA_DIR": str(settings.data_dir),
    }


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return this process's settings, read once."""
    return read_settings(os.environ)


def quiet_litellm() -> None:
    """Set what litellm reads from the environment when it is imported: no price map from the network, no .env file, no chatter."""
    for name, value in {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
    }.items():
        os.environ[name] = value
