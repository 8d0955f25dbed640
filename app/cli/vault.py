"""`agent-factory vault`: which keys seal what, a new key for everything, and the end of old ones."""

from collections import Counter
from typing import Annotated

import typer

from app.cli.terminal import say
from app.core.errors import Conflict
from app.core.secret_keys import add_secret_key, drop_old_secret_keys, read_secret_keys
from app.services.rekeying import PLACES, Rekeyed, count_keys, reseal_page
from app.wiring import Wiring, get_wiring

group = typer.Typer(no_args_is_help=True, help="The keys that seal credentials, webhook secrets and the audit trail.")


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(group, name="vault")


@group.command("status")
def status() -> None:
    """Tell how many secrets each key seals."""
    wiring = get_wiring()
    present, found = wiring.ports.box.key_id, _counted(wiring)
    for key_id in dict.fromkeys([present, *found]):
        say(f"{key_id}  {found[key_id]:>6}  {'seals now' if key_id == present else 'earlier'}")


@group.command("rotate")
def rotate(
    keep_key: Annotated[bool, typer.Option("--keep-key", help="Make no new key: only seal anew what an earlier one sealed.")] = False,
) -> None:
    """Seal everything with a new key. Where AF_SECRET_KEY is set, set a new one first and give the old one in AF_OLD_SECRET_KEYS."""
    wiring = get_wiring()
    if not wiring.settings.secret_key and not keep_key:
        add_secret_key(wiring.settings)
        say("A new key was added to the data folder; running processes find it by themselves.")
    result = reseal(wiring)
    for name, count in sorted(result.renewed.items()):
        say(f"{name}: {count} sealed anew")
    if not result.renewed:
        say("Nothing was sealed with an earlier key.")
    for name, count in sorted(result.broken.items()):
        say(f"{name}: {count} cannot be opened with any key of this installation", err=True)
    if result.broken:
        raise typer.Exit(1)


@group.command("prune")
def prune() -> None:
    """Forget earlier keys of the data folder. Restart every process first, so that none still seals with one of them."""
    wiring = get_wiring()
    left = +Counter({key_id: count for key_id, count in _counted(wiring).items() if key_id != wiring.ports.box.key_id})
    if left:
        raise Conflict(f"{left.total()} secrets are sealed with earlier keys. Run `agent-factory vault rotate` first.")
    if wiring.settings.secret_key:
        say("Nothing needs an earlier key: remove AF_OLD_SECRET_KEYS and restart.")
        return
    before = len(read_secret_keys(wiring.settings))
    drop_old_secret_keys(wiring.settings)
    say(f"{before - len(read_secret_keys(wiring.settings))} earlier keys were forgotten.")


def reseal(wiring: Wiring) -> Rekeyed:
    """Seal everything with the present key, in short transactions beside the running product."""
    result = Rekeyed(Counter(), Counter())
    for place in PLACES:
        after = None
        while True:
            with wiring.database.begin() as connection:
                after = reseal_page(connection, wiring.ports.box, place, after=after, result=result)
            if after is None:
                break
    return result


def _counted(wiring: Wiring) -> Counter[str]:
    with wiring.unit(write=False) as uow:
        return count_keys(uow.session.connection(), uow.ports.box)
