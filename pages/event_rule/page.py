"""The page of one event rule: the form, and beside it what became of the newest events."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.event_rule.state import EventRuleState
from pages.triggers.parts import outcome_badge
from pages.triggers.rules_present import EVENTS

_state: Any = EventRuleState  # its attributes are Vars, which the type of the class does not say
_NAMES = {
    "run": "{{ event.run.title }}, {{ event.run.output }}, {{ event.run.error.message }}, {{ event.run.inputs }}",
    "approval": "{{ event.approval.title }}, {{ event.approval.button }}, {{ event.approval.values }}, {{ event.approval.decided_by }}",
    "version": "{{ event.version.name }}, {{ event.version.number }}, {{ event.version.note }}",
}


def event_rule_page() -> rx.Component:
    """Fill in a rule."""
    title = rx.cond(_state.is_edit, "Edit event rule", "New event rule")
    back = ui.link("Events", href="/triggers/events", class_name="af-link af-small")
    columns = rx.el.div(_form(), ui.stack(_names(), rx.cond(_state.is_edit, _history()), gap=4), class_name="af-trigger-columns")
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, title="This rule cannot be edited", on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), columns),
    )
    return shell_page(ui.page_header(title, before=back), body, title="Event rule", active="triggers")


def _wires(name: str) -> dict[str, Any]:
    return {
        "name": name.replace("_", "-"),
        "value": _state.values[name],
        "error": _state.errors[name],
        "on_change": lambda value: _state.set_value(name, value),
    }


def _form() -> rx.Component:
    off = rx.cond(_state.note != "", ui.callout(_state.note, tone="red", title="Switched off. "))
    button = ui.text_field("Button", hint="optional", help="Its key, such as approve. Empty means any button.", **_wires("button"))
    happens = ui.stack(
        ui.text_field("Name", placeholder="Tell the team", required=True, **_wires("name")),
        ui.select("What happens", list(EVENTS.items()), **_wires("kind")),
        ui.select("Where", _choices("In any workflow"), **_wires("source_id")),
        rx.cond(_state.values["kind"] == "approval_decided", button),
        ui.text_field(
            "Only if",
            hint="optional",
            placeholder="event.run.cost_micros > 50000",
            help="A condition over the event.",
            **_wires("condition"),
        ),
        gap=4,
    )
    starts = ui.stack(ui.select("Workflow to start", _choices("Choose…"), required=True, **_wires("workflow_id")), _mapping(), gap=4)
    foot = ui.row(
        ui.button("Save", icon="check", variant="primary", type="submit", loading=_state.is_saving, id="save-rule"),
        ui.link_button("Cancel", href="/triggers/events", variant="ghost"),
    )
    problem = rx.cond(_state.errors["rule"], ui.callout(_state.errors["rule"], tone="red"))
    cards = (ui.card(ui.section("When this happens", happens)), ui.card(ui.section("Start this", starts)))
    return rx.el.form(off, *cards, problem, foot, on_submit=lambda _: _state.save(), no_validate=True, class_name="af-stack af-gap-4")


def _choices(blank: str) -> Any:
    return rx.Var.create([{"value": "", "label": blank}]).to(list[dict[str, str]]) + _state.workflows


def _mapping() -> rx.Component:
    def one(item: Any) -> rx.Component:
        name = f"map-{item.name}"
        area = rx.debounce_input(
            rx.el.textarea(
                id=f"field-{name}",
                value=_state.mapping[item.name],
                placeholder="{{ event.run.output }}",
                on_change=lambda text: _state.set_mapped(item.name, text),
                rows="2",
                class_name="af-input af-textarea af-mono",
            ),
            debounce_timeout=250,
        )
        error = _state.errors["mapping." + item.name]
        return ui.field(item.title, area, name=name, help=item.help, error=error, hint=rx.cond(item.required, "", "optional"))

    some = ui.stack(rx.foreach(_state.fields, one), gap=4)
    none = rx.cond(_state.values["workflow_id"] != "", ui.muted("This workflow asks for nothing."))
    return rx.cond(_state.fields.length() > 0, some, none)


def _names() -> rx.Component:
    of_run = ui.stack(*[rx.el.code(word, class_name="af-mono af-small") for word in _NAMES["run"].split(", ")], gap=1)

    def more(kind: str) -> rx.Component:
        return ui.stack(*[rx.el.code(word, class_name="af-mono af-small") for word in _NAMES[kind].split(", ")], gap=1)

    kind = _state.values["kind"]
    shown = rx.match(kind, ("version_named", more("version")), ("approval_decided", ui.stack(more("approval"), more("run"), gap=1)), of_run)
    ends = ui.muted("A chain of runs that start one another by rules ends after five, so that no circle runs for ever.")
    return ui.card(
        ui.section("What you can say", ui.stack(shown, rx.el.code("{{ event.workflow.name }}", class_name="af-mono af-small"), ends, gap=3))
    )


def _history() -> rx.Component:
    def line(item: Any) -> rx.Component:
        badge = outcome_badge(item.words, item.status)
        about = rx.cond(item.about_href != "", ui.link(item.about, href=item.about_href, class_name="af-link af-small"))
        return rx.el.li(
            ui.row(rx.cond(item.href != "", ui.link(badge, href=item.href), badge), ui.spacer(), ui.muted(item.at, title=item.at_full)),
            ui.row(ui.muted(item.event), about, wrap=True),
            rx.cond(item.note != "", ui.muted(item.note)),
            class_name="af-stack",
            key=item.id,
        )

    empty = ui.muted("Nothing has happened yet.")
    listing = rx.el.ol(rx.foreach(_state.fires, line), class_name="af-moments")
    return ui.card(ui.section("What became of it", rx.cond(_state.fires.length() > 0, listing, empty)))
