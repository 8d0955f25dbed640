"""The widgets of the product: `from components import ui`, then compose.

How to use it
- Every widget is a pure function: Vars and event handlers in, a component out. Nothing here fetches or keeps state.
- Colours, sizes and durations are CSS custom properties in assets/styles/tokens.css (`--af-accent`, `--af-muted`,
  `--af-space-4`, `--af-radius-md`, `--af-cat-ai-soft`, ...), light and dark. Never write a colour value; name a token.
- Icons are Lucide names with underscores ("circle_check"), always literal strings: a Var would ship every icon.
- Layout: `ui.stack`, `ui.row(wrap=True)`, `ui.grid(min_width=...)`, `ui.section(title, ...)`, `ui.page_header(title, actions=(...))`.
- Actions: one `ui.button(variant="primary")` per view; `ghost` in tool bars, `danger` for what destroys, and then only
  behind `ui.confirm`. `ui.icon_button(icon, label=...)` always names itself. Internal links: `ui.link`, `ui.link_button`.
- Forms: `ui.text_field(label, name=..., value=State.x, on_change=State.set_x, help=..., error=State.errors["x"])`.
  In the handler: `except Invalid as refused: self.errors = refused.fields`. Any other control: wrap it in `ui.field`.
- States: while `State.is_loading` show `ui.skeleton_rows()` or `ui.skeleton_cards()`; nothing there: `ui.empty_state`
  with the next step as a button; failed: `ui.error_state(State.problem, on_retry=State.load)`.
- What changes elsewhere: `ui.pulse(State.follow)` on the page; the handler reads again and sets only what differs.
- Messages: `return rx.toast.success("Saved.")`. Refusals (AppError) become toasts by themselves.
- A page is `shell_page(...)` of components/shell around all this.
"""

from components.ui.arrival import Arrival
from components.ui.base import Event, Flag, Node, Options, Size, Text, Tone, classes, length_of
from components.ui.buttons import button, icon_button, link, link_button, spinner
from components.ui.choices import route_tabs, search_input, segmented, tabs
from components.ui.code import code_block, copy_button, json_view
from components.ui.display import avatar, badge, card, card_button, card_link, kbd, number_cell, number_head, status_badge, table, table_row
from components.ui.elapsed import elapsed
from components.ui.feedback import (
    bring_into_sight,
    callout,
    empty_state,
    error_state,
    focus_first_error,
    focus_on,
    skeleton,
    skeleton_cards,
    skeleton_rows,
)
from components.ui.fields import checkbox, field, options, select, slider, switch, text_area, text_field
from components.ui.layout import divider, grid, muted, page_header, row, section, spacer, stack
from components.ui.markdown import markdown
from components.ui.miniature import miniature
from components.ui.overlays import confirm, dialog, dialog_close, menu, menu_item, menu_label, menu_separator, popover, tooltip
from components.ui.post_form import post_field, post_form, post_submit
from components.ui.pulse import pulse
from components.ui.values import value_view

__all__ = [
    "Arrival",
    "Event",
    "Flag",
    "Node",
    "Options",
    "Size",
    "Text",
    "Tone",
    "avatar",
    "badge",
    "bring_into_sight",
    "button",
    "callout",
    "card",
    "card_button",
    "card_link",
    "checkbox",
    "classes",
    "code_block",
    "confirm",
    "copy_button",
    "dialog",
    "dialog_close",
    "divider",
    "elapsed",
    "empty_state",
    "error_state",
    "field",
    "focus_first_error",
    "focus_on",
    "grid",
    "icon_button",
    "json_view",
    "kbd",
    "length_of",
    "link",
    "link_button",
    "markdown",
    "menu",
    "menu_item",
    "menu_label",
    "menu_separator",
    "miniature",
    "muted",
    "number_cell",
    "number_head",
    "options",
    "page_header",
    "popover",
    "post_field",
    "post_form",
    "post_submit",
    "pulse",
    "route_tabs",
    "row",
    "search_input",
    "section",
    "segmented",
    "select",
    "skeleton",
    "skeleton_cards",
    "skeleton_rows",
    "slider",
    "spacer",
    "spinner",
    "stack",
    "status_badge",
    "switch",
    "table",
    "table_row",
    "tabs",
    "text_area",
    "text_field",
    "tooltip",
    "value_view",
]
