"""Parts of a schedule's page: head, history, what comes next, what it is, and the question why."""

from typing import Any

import reflex as rx

from components import ui
from pages.schedule.state import ScheduleState
from pages.triggers.parts import outcome_badge, state_badge

_state: Any = ScheduleState  # its attributes are Vars, which the type of the class does not say


def head() -> rx.Component:
    """Name, state and actions."""
    item = _state.item
    turn = rx.cond(
        item.status == "active",
        ui.button("Pause", icon="pause", on_click=_state.pause),
        ui.button("Resume", icon="play", on_click=_state.resume),
    )
    editing = rx.fragment(
        turn,
        ui.link_button("Edit", href=item.edit_href, icon="pencil"),
        ui.icon_button("trash_2", label="Delete this schedule", on_click=_state.set_asking(True)),
    )
    run = ui.button("Run now", icon="zap", variant="primary", on_click=_state.run_now)
    title = ui.row(ui.link("Triggers", href="/triggers", class_name="af-link af-small"), ui.muted("/"), state_badge(item.status), gap=2)
    workflow = rx.cond(
        item.workflow_href != "",
        ui.link(item.workflow, href=item.workflow_href, class_name="af-link"),
        ui.muted("a deleted workflow"),
    )
    header = ui.page_header(item.name, before=title, actions=(rx.cond(_state.rights["edit"], editing), rx.cond(_state.rights["run"], run)))
    words = ui.row(ui.muted("Starts "), workflow, ui.muted(item.said, " · ", item.zone), wrap=True, gap=2)
    return rx.el.div(header, words, class_name="af-schedule-head")


def notices() -> rx.Component:
    """Why it was switched off."""
    return rx.cond(_state.item.note != "", ui.callout(_state.item.note, tone="red", title="Switched off. "))


def history() -> rx.Component:
    """What became of each moment."""
    more = rx.cond(
        _state.next_cursor != "",
        ui.row(ui.button("Show more", on_click=_state.load_more), style={"justify_content": "center"}),
    )
    empty = ui.empty_state(
        "It has not come due yet",
        "Every moment that comes due stays here, also those that were passed over, with the reason.",
        icon="history",
        compact=True,
        framed=False,
    )
    table = ui.table(("Due", "What became of it"), rx.foreach(_state.fires, _fire), label="Moments")
    filled = ui.stack(table, more, gap=3)
    return ui.section("What became of it", rx.cond(_state.fires.length() > 0, filled, empty))


def _fire(item: Any) -> rx.Component:
    badge = outcome_badge(item.words, item.status)
    shown = rx.cond(item.href != "", ui.link(badge, href=item.href), badge)
    return ui.table_row(
        rx.el.td(item.at, class_name="af-nowrap"),
        rx.el.td(ui.stack(rx.el.div(shown), rx.cond(item.note != "", ui.muted(item.note)), gap=1)),
        key=item.id,
    )


def upcoming() -> rx.Component:
    """The next ten moments."""
    return ui.card(
        ui.section("Next", rx.cond(_state.upcoming.length() > 0, moments(_state.upcoming), ui.muted("Nothing, as long as it is not on.")))
    )


def moments(found: Any) -> rx.Component:
    """Moments to come, with what the clocks do to them; the form shows the same."""

    def line(item: Any) -> rx.Component:
        note = rx.cond(item.note != "", rx.el.span(item.note, class_name="af-muted af-small"))
        return rx.el.li(rx.el.span(item.at, class_name="af-moment"), note)

    return rx.el.ol(rx.foreach(found, line), class_name="af-moments")


def about() -> rx.Component:
    """What the schedule is."""

    def line(fact: Any) -> rx.Component:
        return rx.fragment(rx.el.dt(fact.label), rx.el.dd(fact.value))

    return ui.card(ui.section("This schedule", rx.el.dl(rx.foreach(_state.lines, line), class_name="af-facts")))


def why() -> rx.Component:
    """Ask about any moment."""
    answer = _state.answer
    ask = rx.el.form(
        ui.text_field(
            "A moment",
            name="why-moment",
            type="datetime-local",
            value=_state.moment,
            on_change=_state.set_moment,
            error=_state.moment_error,
            help=f"As the clocks in {_state.item.zone} show it, past or future.",
        ),
        ui.button("Ask", icon="circle_help", type="submit", id="ask-why"),
        on_submit=lambda _: _state.ask_why(),
        class_name="af-stack",
    )
    run = rx.cond(answer.run_href != "", ui.link("Open the run", href=answer.run_href, class_name="af-link af-small"))
    told = ui.stack(
        outcome_free(answer.headline, answer.tone),
        rx.foreach(answer.details, lambda text: rx.el.p(text, class_name="af-small")),
        rx.cond(answer.around != "", ui.muted(answer.around)),
        run,
        gap=2,
        id="why-answer",
        role="status",
    )
    return ui.card(ui.section("Why did it (not) run?", ui.stack(ask, rx.cond(answer.headline != "", told), gap=3)))


def outcome_free(words: Any, tone: Any) -> rx.Component:
    """A sentence in the tone of what it says."""
    return rx.el.strong(words, class_name=f"af-said-{tone}")


def delete_question() -> rx.Component:
    """Ask before it goes."""
    return ui.confirm(
        "Delete this schedule?",
        description=f"“{_state.item.name}” starts nothing any more. Runs it started stay readable.",
        confirm_label="Delete",
        on_confirm=_state.delete,
        open=_state.is_asking,
        on_open_change=_state.set_asking,
    )
