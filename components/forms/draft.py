"""Long forms whose draft outlives the page: what is typed stays in the browser, for one person and place, until it is sent."""

import json

import reflex as rx

from components.scripts import script
from components.ui import Event, Node, Text

_KEPT = script(__name__, "kept_draft.jsx")
script(__name__, "kept.js")  # which it imports


def _draft_spec(texts: rx.Var[dict[str, str]], more: rx.Var[str]) -> tuple[rx.Var[dict[str, str]], rx.Var[str]]:
    return (texts, more)


class KeptDraft(rx.Component):
    """See kept_draft.jsx."""

    library = _KEPT
    tag = "KeptDraft"

    owner: rx.Var[str]
    place: rx.Var[str]
    loaded: rx.Var[str]
    more: rx.Var[str]
    on_restore: rx.EventHandler[_draft_spec]


def kept_draft(*children: Node, owner: Text, place: Text, loaded: Text, more: Text, on_restore: Event) -> rx.Component:
    """Keep what `owner` types into the named fields inside, until `draft_done`.

    `on_restore({name: text}, more)` tells what was kept, each time `loaded` changes, and only where something was. `more` is JSON that
    the page keeps beside its fields, "" until a person changed it.
    """
    return KeptDraft.create(*children, owner=owner, place=place, loaded=loaded, more=more, on_restore=on_restore)


def draft_done(*, owner: str, place: str) -> rx.event.EventSpec:
    """An event: it was sent or thrown away, and nothing of it is kept."""
    detail = json.dumps({"owner": owner, "place": place})
    return rx.call_script(f"window.dispatchEvent(new CustomEvent('af:draft-done', {{detail: {detail}}}));0")
