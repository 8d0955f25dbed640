"""What people are told while the browser does not reach the server; Reflex tries again by itself."""

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import connect_errors

from components.scripts import script


class ConnectionNotice(rx.Component):
    """See connection.jsx."""

    library = script(__name__, "connection.jsx")
    tag = "ConnectionNotice"

    errors: rx.Var[list[Any]]


@rx.memo
def connection_notice() -> rx.Component:
    """Stands on every page, in place of Reflex's own message, which names addresses and transports."""
    return ConnectionNotice.create(errors=connect_errors)
