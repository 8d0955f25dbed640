"""`agent-factory build`: builds the production interface ahead of time, for images and deployments."""

import typer

from app.core.config import get_settings
from app.supervisor.console import Console
from app.supervisor.machine import prepare_interface


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("build", help="Build the interface if its sources changed.")(build)


def build() -> None:
    """Build the interface."""
    prepare_interface(get_settings(), console=Console())
