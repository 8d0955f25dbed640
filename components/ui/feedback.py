"""What a page shows when it is empty, loading, broken, or has something to say."""

import json

import reflex as rx

from components.ui.base import Event, Node, Text, Tone, classes, given
from components.ui.buttons import button

_ICONS = {"neutral": "info", "accent": "info", "blue": "info", "green": "circle_check", "amber": "triangle_alert", "red": "circle_alert"}


def empty_state(
    title: Text, description: Text, *actions: Node, icon: str = "inbox", framed: bool = True, compact: bool = False
) -> rx.Component:
    """Nothing here yet: what this place is for, and the next step as a button."""
    names = classes("af-state", "af-state-framed" if framed else "", "af-state-compact" if compact else "")
    picture = rx.el.div(rx.icon(icon, size=20, aria_hidden="true"), class_name="af-state-icon")
    foot = [rx.el.div(*actions, class_name="af-row")] if actions else []
    return rx.el.div(picture, rx.el.h3(title), rx.el.p(description), *foot, class_name=names)


def error_state(
    message: Text, *ways: Node, title: Text = "This could not be loaded", on_retry: Event | None = None, framed: bool = True
) -> rx.Component:
    """Something failed: what, in plain words, a way to try again, and `ways` that lead elsewhere."""
    names = classes("af-state af-state-error", "af-state-framed" if framed else "")
    picture = rx.el.div(rx.icon("circle_alert", size=20, aria_hidden="true"), class_name="af-state-icon")
    retry = [button("Try again", icon="rotate_cw", on_click=on_retry)] if on_retry is not None else []
    buttons = [rx.el.div(*retry, *ways, class_name="af-row")] if retry or ways else []
    return rx.el.div(picture, rx.el.h3(title), rx.el.p(message), *buttons, class_name=names, role="alert")


def callout(*children: Node, tone: Tone = "neutral", icon: str | None = None, title: Text = "") -> rx.Component:
    """A note inside a page; `title` in bold first."""
    head = [rx.el.strong(title)] if given(title) else []
    picture = rx.icon(icon or _ICONS[tone], size=15, aria_hidden="true")
    return rx.el.div(picture, rx.el.div(*head, *children), class_name=classes("af-callout", f"af-tone-{tone}"), role="note")


_FOCUS = """(() => {{ const until = Date.now() + {patience_ms};
const look = () => {{
  const scope = document.querySelector('[role="dialog"][data-state="open"]') ?? document;
  const field = scope.querySelector({selector});
  if (field) {{ field.scrollIntoView({{ block: "center" }}); field.focus({{ preventScroll: true }}); }}
  else if (Date.now() < until) requestAnimationFrame(look);
}};
requestAnimationFrame(look); }})()"""


def focus_on(selector: str, *, patience_ms: int = 10_000) -> rx.event.EventSpec:
    """Bring a field into view, with the cursor in it, as soon as it is there."""
    return rx.call_script(_FOCUS.format(selector=json.dumps(selector), patience_ms=patience_ms))


def focus_first_error() -> rx.event.EventSpec:
    """After a refusal: the cursor goes to the first marked field."""
    return focus_on('[aria-invalid="true"], .af-editor-invalid .cm-content', patience_ms=1_000)


def skeleton(*, height: str = "14px", width: str = "100%", radius: str = "var(--af-radius-sm)") -> rx.Component:
    """A grey bar where something will be."""
    return rx.el.div(class_name="af-skeleton", style={"height": height, "width": width, "border_radius": radius}, aria_hidden="true")


def skeleton_rows(count: int = 5) -> rx.Component:
    """The outline of a table or list that is loading."""
    lines = [skeleton(height="44px", radius="var(--af-radius-md)") for _ in range(count)]
    return rx.el.div(*lines, _loading_words(), class_name="af-stack", style={"--af-gap": "8px"}, aria_busy="true")


def skeleton_cards(count: int = 3, *, height: str = "132px") -> rx.Component:
    """The outline of a grid of cards that is loading."""
    cards = [skeleton(height=height, radius="var(--af-radius-lg)") for _ in range(count)]
    return rx.el.div(*cards, _loading_words(), class_name="af-grid", aria_busy="true")


def _loading_words() -> rx.Component:
    return rx.el.span("Loading", class_name="af-sr", role="status")


_SIGHT = """(() => {{ const box = document.querySelector({selector}); if (!box) return;
const {{ top, bottom }} = box.getBoundingClientRect();
const isSeen = top >= 0 ? top < innerHeight * 0.7 : bottom > innerHeight * 0.3;
if (!isSeen) box.scrollIntoView({{ block: "start", behavior: "smooth" }}); }})()"""


def bring_into_sight(selector: str) -> rx.event.EventSpec:
    """Scroll to what a click elsewhere on the page has changed, unless it can be seen already."""
    return rx.call_script(_SIGHT.format(selector=json.dumps(selector)))
