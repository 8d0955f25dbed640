"""The trace view (trace.jsx) as a component, and how its rows reach it without passing through a state."""

import json
from typing import Any

import reflex as rx

from components.canvas.flow import payload_spec
from components.scripts import script

_MODEL = script(__name__, "model.js")
_ASSET = script(__name__, "trace.jsx")


class TraceView(rx.Component):
    """See trace.jsx."""

    library = _ASSET
    tag = "TraceView"

    can_fork: rx.Var[bool]
    on_choose: rx.EventHandler[payload_spec]
    on_moment: rx.EventHandler[payload_spec]


def trace_view(*children: rx.Component, can_fork: Any, on_choose: Any, on_moment: Any) -> rx.Component:
    """The scrubber and the waterfall. `on_choose({node, iteration, seq})` names the attempt that was chosen, `on_moment({seq})` the
    journal entry to continue from. It draws the moment on the canvas of the same page by itself; its children stand beside the waterfall.
    """
    return TraceView.create(*children, can_fork=can_fork, on_choose=on_choose, on_moment=on_moment)


def post_trace(name: str, payload: Any) -> Any:
    """An event that hands rows to the view: `open` {nodes} or `rows` {spans, moments, pauses}."""
    message = json.dumps([name, payload], separators=(",", ":"), ensure_ascii=True, default=str)
    return rx.call_script(f"(window.afTraceInbox ??= []).push({message});window.afTraceDrain?.();0")
