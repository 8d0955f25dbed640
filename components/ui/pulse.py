"""Following what happens elsewhere: an event every few seconds, sent only while somebody looks at the page."""

import reflex as rx

from components.scripts import script
from components.ui.base import Event

EVERY_S = 3


class Pulse(rx.Component):
    """Shows nothing; beats while its tab is in sight, and once when it comes back into sight."""

    library = script(__name__, "pulse.jsx")
    tag = "Pulse"

    every_ms: rx.Var[int]
    on_beat: rx.EventHandler[rx.event.no_args_event_spec]


def pulse(on_beat: Event, *, every_s: int = EVERY_S) -> rx.Component:
    """Call a handler every `every_s` seconds; it should change nothing when nothing has changed, then nothing is drawn."""
    return Pulse.create(on_beat=on_beat, every_ms=every_s * 1000)
