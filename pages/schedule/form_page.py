"""The page with the form of a schedule, for a fresh one and for changes."""

from typing import Any

import reflex as rx

from app.services.schedules import zone_names
from components import ui
from components.forms.answers import answer_input
from components.shell import shell_page
from pages.schedule.form_state import ScheduleFormState
from pages.schedule.parts import moments
from pages.schedule.present import MISSED, OVERLAP

_state: Any = ScheduleFormState  # its attributes are Vars, which the type of the class does not say
EXAMPLES = ("every weekday at 9:00", "every 15 minutes", "every Monday and Thursday at 17:30", "on the last day of the month at 18:00")


def _wires(name: str) -> dict[str, Any]:
    return {
        "name": name.replace("_", "-"),
        "value": _state.values[name],
        "error": _state.errors[name],
        "on_change": lambda value: _state.set_value(name, value),
    }


def schedule_form_page() -> rx.Component:
    """Fill in a schedule."""
    title = rx.cond(_state.is_edit, "Edit schedule", "New schedule")
    back = ui.link("Triggers", href="/triggers", class_name="af-link af-small")
    columns = rx.el.div(_form(), _preview(), class_name="af-trigger-columns")
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, title="This schedule cannot be edited", on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), columns),
    )
    return shell_page(ui.page_header(title, before=back), body, title="Schedule", active="triggers")


def _form() -> rx.Component:
    workflow = ui.select("Workflow", _choices(), required=True, **_wires("workflow_id"))
    name = ui.text_field("Name", placeholder="Morning report", required=True, **_wires("name"))
    save = ui.button("Save", icon="check", variant="primary", type="submit", loading=_state.is_saving, id="save-schedule")
    foot = ui.row(save, ui.link_button("Cancel", href="/triggers", variant="ghost"))
    problem = rx.cond(_state.errors["schedule"], ui.callout(_state.errors["schedule"], tone="red"))
    parts = (
        ui.card(ui.section("What starts", ui.stack(workflow, name, gap=4))),
        ui.card(ui.section("When", _timing())),
        rx.cond(_state.fields.length() > 0, ui.card(ui.section("What it is given", _inputs()))),
        ui.card(ui.section("When things get in the way", _policies())),
        problem,
        foot,
    )
    return rx.el.form(*parts, on_submit=lambda _: _state.save(), no_validate=True, class_name="af-stack af-gap-4")


def _choices() -> Any:
    return rx.Var.create([{"value": "", "label": "Choose…"}]).to(list[dict[str, str]]) + _state.workflows


def _timing() -> rx.Component:
    chips = [
        rx.el.button(text, type="button", class_name="af-chip", on_click=_state.set_value("wording", text), key=text) for text in EXAMPLES
    ]
    zones = rx.el.datalist(rx.foreach(sorted(zone_names()), lambda name: rx.el.option(value=name)), id="time-zones")
    days = ui.grid(
        ui.text_field("First day", type="date", hint="optional", **_wires("starts_on")),
        ui.text_field("Last day", type="date", hint="optional", **_wires("ends_on")),
        min_width="160px",
    )
    return ui.stack(
        ui.text_field(
            "Times", placeholder=EXAMPLES[0], help="In plain words, or as a cron expression.", required=True, **_wires("wording")
        ),
        ui.row(*chips, wrap=True, gap=2),
        ui.text_field("Time zone", list="time-zones", required=True, auto_complete="off", **_wires("time_zone")),
        zones,
        days,
        gap=4,
    )


def _inputs() -> rx.Component:
    def one(item: Any) -> rx.Component:
        drawn = answer_input(item, prefix="schedule", on_answer=_state.answer, error=_state.errors["inputs." + item.name])
        return rx.el.div(drawn, key=_state.values["workflow_id"] + item.name)

    return ui.stack(rx.foreach(_state.fields, one), gap=4)


def _policies() -> rx.Component:
    most = ui.text_field("At most", type="number", min=1, max=50, **_wires("most_missed"))
    return ui.stack(
        ui.select(
            "Moments that were missed",
            list(MISSED.items()),
            help="Missed is what nobody dealt with within two minutes, because no worker was running.",
            **_wires("missed"),
        ),
        rx.cond(_state.values["missed"] == "all", most),
        ui.select("When the run before is still going", list(OVERLAP.items()), **_wires("overlap")),
        gap=4,
    )


def _preview() -> rx.Component:
    empty = ui.muted("Say when it runs, and the next ten moments stand here.")
    words = ui.stack(
        rx.el.strong(_state.said), rx.el.code(_state.cron, class_name="af-mono af-muted"), ui.muted(_state.values["time_zone"]), gap=1
    )
    shown = ui.stack(words, moments(_state.upcoming), gap=3)
    return rx.el.aside(ui.card(ui.section("How it is understood", rx.cond(_state.said != "", shown, empty))), class_name="af-sticky")
