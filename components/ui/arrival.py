"""Dialogs belong to the page they were opened on: what the server still holds as open is closed when a page is come to."""

from typing import Any

import reflex as rx

from components.scripts import script
from components.ui.base import Flag

_SCRIPT = script(__name__, "arrival.jsx")


def _closed() -> tuple[rx.Var[bool]]:
    return (rx.Var.create(False),)


class Arrival(rx.Component):
    """Stands once in each page, after everything else."""

    library = _SCRIPT
    tag = "Arrival"


class CloseOnArrival(rx.Component):
    """Calls `on_close` with False if `open` holds when the page has been come to."""

    library = _SCRIPT
    tag = "CloseOnArrival"

    open: rx.Var[bool]
    arrived: rx.Var[bool]
    asked: rx.Var[str]
    on_close: rx.EventHandler[_closed]


def close_on_arrival(*, open: Flag, on_close: Any, asked: str = "") -> rx.Component:
    """Beside a dialog whose state is on the server; `on_close` is its `on_open_change`, `asked` the query parameter that opens it."""
    return CloseOnArrival.create(open=open, arrived=rx.State.is_hydrated, asked=asked, on_close=on_close)
