"""The list that follows the newest words and the message box; behaviour is in chat.jsx."""

from typing import Any

import reflex as rx

from components.scripts import script
from components.ui import Event, Flag, Node, Text

_ASSET = script(__name__, "chat.jsx")
script(__name__, "drafts.js")  # the message box imports it


def _text(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class ChatScroll(rx.Component):
    """Scrolls with new words unless somebody scrolled up."""

    library = _ASSET
    tag = "ChatScroll"

    room: rx.Var[str]


class Composer(rx.Component):
    """Enter sends, Shift-Enter breaks the line, Escape stops."""

    library = _ASSET
    tag = "Composer"

    is_busy: rx.Var[bool]
    is_disabled: rx.Var[bool]
    placeholder: rx.Var[str]
    restore: rx.Var[Any]
    room: rx.Var[str]
    owner: rx.Var[str]
    on_send: rx.EventHandler[_text]
    on_stop: rx.EventHandler[rx.event.no_args_event_spec]


class Bubble(rx.Component):
    """One's own words; long ones unfold."""

    library = _ASSET
    tag = "Bubble"

    text: rx.Var[str]


class Countdown(rx.Component):
    """Seconds that pass in the browser; another `turn` begins anew."""

    library = _ASSET
    tag = "Countdown"

    seconds: rx.Var[float]
    turn: rx.Var[int]


class Patience(rx.Component):
    """What the answer waits for, and for how long when nothing comes; children stand before the words."""

    library = _ASSET
    tag = "Patience"

    words: rx.Var[str]
    beat: rx.Var[str]


def patience(*children: Node, words: rx.Var[str], beat: rx.Var[str]) -> rx.Component:
    """Shown at once while there are words; otherwise when `beat` has not changed for a while."""
    return Patience.create(*children, words=words, beat=beat)


def bubble(text: rx.Var[str]) -> rx.Component:
    """What the person said, the beginning of it when it is long."""
    return Bubble.create(text=text)


def countdown(*, seconds: rx.Var[float], turn: rx.Var[int]) -> rx.Component:
    """Say "in 3 s", then "now"."""
    return Countdown.create(seconds=seconds, turn=turn)


def chat_scroll(*children: Node, room: Text) -> rx.Component:
    """The conversation; another `room` starts at its end."""
    return ChatScroll.create(*children, room=room)


def composer(
    *, on_send: Event, on_stop: Event, is_busy: Flag, is_disabled: Flag, placeholder: Text, restore: rx.Var[Any], room: Text, owner: Text
) -> rx.Component:
    """The message box; `restore` = {"text", "key", "room"} brings a refused text back; each `room` keeps a draft for its `owner`."""
    return Composer.create(
        on_send=on_send,
        on_stop=on_stop,
        is_busy=is_busy,
        is_disabled=is_disabled,
        placeholder=placeholder,
        restore=restore,
        room=room,
        owner=owner,
    )
