"""`agent-factory web`: serves the built interface, the event socket and the API on one port with Granian."""

from typing import Annotated, Any

import typer
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from granian.server.common import AbstractServer
from reflex_base import constants
from reflex_base.environment import environment

from app.adapters.page_states import forget_other_builds
from app.core.config import Settings, get_settings
from app.supervisor.frontend import RESULT, STAMP
from app.supervisor.lifeline import hold_to_supervisor
from app.supervisor.machine import ROOT
from app.supervisor.problems import CannotStartError


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("web", help="Serve the built interface and the API (one process of a larger installation).")(web)


def web(supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False) -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = get_settings()
    if not (ROOT / RESULT).is_file():
        raise CannotStartError("The interface is not built yet.", remedy="Build it once: agent-factory build")
    if supervised:
        hold_to_supervisor()
    forget_other_builds(settings.redis_url, build=(ROOT / STAMP).read_text(encoding="utf-8").strip() if (ROOT / STAMP).is_file() else "")
    serve_built_interface()
    granian(settings).serve()


def serve_built_interface() -> None:
    """Tell Reflex what `reflex run --env prod` would tell it after compiling; `up` has compiled already."""
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)


def granian(settings: Settings) -> AbstractServer[Any]:
    """The server with the same interface that Reflex uses."""
    return Server(
        "app.serving:app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_workers,
        working_dir=ROOT,
        log_level=LogLevels.warning,
        workers_kill_timeout=20,
        respawn_failed_workers=settings.web_workers > 1,
    )
