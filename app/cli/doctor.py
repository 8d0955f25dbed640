"""`agent-factory doctor`: looks at everything a running installation needs and says what is wrong and how to mend it."""

import platform
import shutil
import sysconfig
from collections.abc import Callable

import redis
import typer
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.database import open_database
from app.adapters.revisions import current_revision, newest_revision
from app.core.config import Settings, get_settings
from app.supervisor import frontend, preflight
from app.supervisor.console import Console
from app.supervisor.machine import ROOT
from app.supervisor.problems import CannotStartError

Check = Callable[[Settings], str]


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("doctor", help="Say what is wrong with this installation.")(doctor)


def doctor() -> None:
    """Run every check; exit 1 when one fails."""
    settings = get_settings()
    console = Console()
    failed = sum(not _run(name, check, settings, console) for name, check in CHECKS.items())
    console.step("Everything is fine." if not failed else f"{failed} of {len(CHECKS)} checks need you.")
    raise typer.Exit(1 if failed else 0)


def _run(name: str, check: Check, settings: Settings, console: Console) -> bool:
    try:
        console.step(f"{name:<11}{check(settings)}")
    except CannotStartError as error:
        console.warn(f"{name:<11}{error.problem}\n             {error.remedy}")
        return False
    return True


def _python(_settings: Settings) -> str:
    return f"{platform.python_version()} on {platform.platform(terse=True)}"


def _node(_settings: Settings) -> str:
    path = shutil.which("node", path=sysconfig.get_path("scripts"))
    if path is None:
        raise CannotStartError(
            "Node.js is missing from the virtual environment.", remedy="Install the locked dependencies again: make install"
        )
    return path


def _data(settings: Settings) -> str:
    preflight.check_data_dir(settings.data_dir)
    preflight.check_disk(settings.data_dir)
    return f"{settings.data_dir}, {shutil.disk_usage(settings.data_dir).free // 2**30} GB free"


def _interface(_settings: Settings) -> str:
    if not frontend.is_built(ROOT, frontend.fingerprint(ROOT)):
        raise CannotStartError(
            "It is not built, or its sources changed since.", remedy="Build it: agent-factory build (`up` does so by itself)"
        )
    return "built from the present sources"


def _database(settings: Settings) -> str:
    engine = open_database(settings.database_url)
    try:
        revision = current_revision(engine)
    except SQLAlchemyError as error:
        raise CannotStartError(
            f"It does not answer ({type(error).__name__}).", remedy="Check DATABASE_URL, and that the server runs and lets you in."
        ) from error
    finally:
        engine.dispose()
    if revision != newest_revision():
        found = f"revision {revision}" if revision else "no schema"
        raise CannotStartError(f"It has {found}; this code needs {newest_revision()}.", remedy="Bring it up to date: agent-factory migrate")
    return f"{engine.dialect.name}, revision {revision}"


def _redis(settings: Settings) -> str:
    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
            version = client.info("server").get("redis_version")  # type: ignore[union-attr]
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy")  # type: ignore[union-attr]
    except redis.RedisError as error:
        if settings.has_embedded_redis:
            return "embedded, not running (`up` starts it)"
        raise CannotStartError("It does not answer.", remedy="Check REDIS_URL, and that the server runs and lets you in.") from error
    if policy not in (None, b"noeviction", "noeviction"):
        raise CannotStartError(f"Its maxmemory-policy is {policy!r}: it may throw work away.", remedy="Set it to noeviction.")
    return f"{'embedded Valkey' if settings.has_embedded_redis else 'your server'}, compatible with Redis {version}"


def _models(settings: Settings) -> str:
    return ", ".join(["demo", *sorted(settings.provider_keys)])


CHECKS: dict[str, Check] = {
    "Python": _python,
    "Node": _node,
    "Data": _data,
    "Interface": _interface,
    "Database": _database,
    "Redis": _redis,
    "Models": _models,
}
