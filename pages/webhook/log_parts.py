"""The delivery log of a webhook, and the dialog of one delivery."""

from typing import Any

import reflex as rx

from components import ui
from pages.webhook.log_state import FILTERS, WebhookLogState
from pages.webhook.state import WebhookState

_state: Any = WebhookLogState  # its attributes are Vars, which the type of the class does not say
_hook: Any = WebhookState.hook
VERDICTS = (("accepted", "taken", "green"), ("refused", "refused", "red"), ("duplicate", "repeat", "neutral"), ("captured", "test", "blue"))


def log_tab() -> rx.Component:
    """Filters, lines, and the next page."""
    tools = ui.row(
        ui.segmented(FILTERS, value=_state.verdict, on_change=_state.choose_verdict, label="Which deliveries"),
        ui.spacer(),
        ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search body, reason or id"),
        ui.icon_button("refresh_cw", label="Look again", on_click=_state.renew),
        wrap=True,
    )
    table = ui.table(
        ("When", "Verdict", "Request", "Run", *map(ui.number_head, ("Answer", "Took"))), rx.foreach(_state.rows, _row), label="Deliveries"
    )
    more = rx.cond(_state.next_cursor != "", ui.row(ui.button("Show more", on_click=_state.more), style={"justify_content": "center"}))
    listing = rx.cond(_state.rows.length() > 0, ui.stack(table, more, gap=4), _empty())
    return ui.stack(tools, rx.cond(_state.is_loading, ui.skeleton_rows(), listing), delivery_dialog(), gap=4)


def _verdict(verdict: Any) -> rx.Component:
    return rx.match(verdict, *[(key, ui.badge(word, tone=tone)) for key, word, tone in VERDICTS], ui.badge(verdict))  # type: ignore[arg-type]


def _row(item: Any) -> rx.Component:
    what = rx.el.button(item.what, type="button", on_click=_state.choose(item.id), class_name="af-link-button")
    run = rx.cond(item.run_href != "", ui.link(ui.status_badge(item.run_status), href=item.run_href))
    note = rx.cond(item.note != "", ui.muted(item.note, class_name="af-clamp-2"))
    return ui.table_row(
        rx.el.td(rx.el.span(item.when, title=item.stamp), class_name="af-nowrap"),
        rx.el.td(_verdict(item.verdict)),
        rx.el.td(ui.stack(what, note, gap=1), style={"max_width": "420px"}),
        rx.el.td(run),
        ui.number_cell(item.answer),
        ui.number_cell(item.took),
    )


def _empty() -> rx.Component:
    is_filtered = (_state.verdict != "all") | (_state.search != "")
    return rx.cond(
        is_filtered,
        ui.empty_state("No delivery fits", "Choose another filter or clear the search.", icon="search_x"),
        ui.empty_state("Nobody has called yet", "Copy the address into the other system, or try it in a terminal.", icon="inbox"),
    )


def delivery_dialog() -> rx.Component:
    """One delivery: what came, what became of it, and doing it again."""
    panel = _state.panel
    replay = rx.cond(
        panel.can_replay,
        ui.button("Deliver again", icon="rotate_ccw", variant="primary", loading=_state.is_replaying, on_click=_state.replay),
    )
    sample = rx.cond(panel.can_replay & _hook.can_edit, ui.button("Use as sample", on_click=_state.take_sample))
    return ui.dialog(
        "Delivery",
        delivery_body(panel),
        open=panel.item.id != "",
        on_open_change=_state.set_open,
        footer=(sample, replay),
        width="720px",
    )


def delivery_body(panel: Any) -> rx.Component:
    """What was kept of a request; also shown by the listener."""
    item = panel.item
    facts = ui.row(_verdict(item.verdict), ui.muted(item.what), ui.muted(item.stamp), ui.muted("from ", panel.address), wrap=True)
    note = rx.cond(item.note != "", ui.callout(item.note, tone="neutral"))
    no_replay = rx.cond((panel.replay_problem != "") & (item.id != ""), ui.muted(panel.replay_problem))
    return ui.stack(
        facts,
        note,
        rx.cond(item.run_href != "", ui.row(ui.link("Open its run", href=item.run_href), ui.status_badge(item.run_status))),
        _part("Body", panel.body),
        _part("Query", panel.query),
        _part("Headers (secrets are blanked)", panel.headers),
        _part("Answer", panel.response),
        rx.cond(panel.dedupe_key != "", ui.muted("Message id: ", panel.dedupe_key)),
        no_replay,
        gap=3,
    )


def _part(title: str, text: Any) -> rx.Component:
    return rx.cond(text != "", ui.stack(rx.el.div(title, class_name="af-label"), ui.code_block(text, max_height="240px"), gap=1))
