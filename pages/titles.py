"""What the tab of the browser says: the name of what a page shows; the list of pages asks."""

from typing import Any

import reflex as rx


def named(thing: Any, otherwise: str) -> Any:
    """The title of a page that bears the name of what it shows."""
    return rx.cond(thing.name != "", thing.name, otherwise)


def going(run: Any, title: Any) -> Any:
    """A title with a dot before it while the run is going."""
    return rx.cond((run.status == "queued") | (run.status == "running"), f"● {title}", title)


def of_run(run: Any, what: str) -> Any:
    """The title of a page of a run."""
    return going(run, rx.cond(run.title != "", f"{run.title} · {what}", what))
