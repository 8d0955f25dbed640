"""How long something goes on: counted in the browser while it does, without a message a second."""

from typing import Any

import reflex as rx

from components.scripts import script
from components.ui.base import Flag, Text


class Elapsed(rx.Component):
    """See elapsed.jsx; use `elapsed`."""

    library = script(__name__, "elapsed.jsx")
    tag = "Elapsed"

    text: rx.Var[str]
    ms: rx.Var[float]
    is_running: rx.Var[bool]


def elapsed(text: Text, *, ms: Any, is_running: Flag) -> rx.Component:
    """`text` once it is over; until then `ms` so far and whatever has gone by since."""
    return Elapsed.create(text=text, ms=ms, is_running=is_running)
