"""`agent-factory seed`: creates what a fresh installation starts with."""

import typer

from app.cli.terminal import say
from app.services.market import seed_market
from app.services.market.filing import file_missing
from app.services.seed import seed_demo
from app.wiring import get_wiring


def register(root: typer.Typer) -> None:
    """Add the command."""
    root.command("seed", help="Add what is missing: the marketplace's own listings and, outside production, the demo account.")(seed)


def seed() -> None:
    """Seed the database; prints a line when something was created."""
    wiring = get_wiring()
    if wiring.call(seed_demo, None):
        say("Created the demo account and its examples")
    if added := wiring.call(seed_market, None):
        say(f"Added {added} listings to the marketplace")
    if filed := wiring.call(file_missing, None):
        say(f"Filed {filed} listings for the search again")
