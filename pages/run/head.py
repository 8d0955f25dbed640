"""The head of a run's pages: where it belongs, how it stands, what one can do, and the tabs between its steps and its trace."""

from typing import Any

import reflex as rx

from components import ui
from pages.run.fork_state import ForkState
from pages.run.state import RunState
from pages.run.version_state import RunVersionState
from pages.runs.parts import run_time, run_wait

_state: Any = RunState  # its attributes are Vars, which the type of the class does not say
_fork: Any = ForkState
_versions: Any = RunVersionState


def run_head(active: str) -> rx.Component:
    """Title, status, figures, actions and tabs; `active` is steps or trace."""
    run = _state.run
    tabs = rx.el.nav(
        _tab("Steps", f"/runs/{run.id}", active == "steps"),
        _tab("Trace", f"/runs/{run.id}/trace", active == "trace"),
        aria_label="Views of the run",
        class_name="af-route-tabs af-row-scroll",
    )
    header = ui.page_header(run.title, before=_crumbs(), actions=(_actions(run),))
    return rx.el.div(header, _figures(run), _origin(), tabs, class_name="af-run-head")


def _tab(label: str, href: Any, is_active: bool) -> rx.Component:
    return ui.link(label, href=href, class_name="af-route-tab", **({"aria_current": "page"} if is_active else {}))


def _crumbs() -> rx.Component:
    back = ui.link(rx.icon("arrow_left", size=14), "Runs", href="/runs", class_name="af-link af-small af-row")
    above = rx.foreach(
        _state.facts.above,
        lambda link: rx.fragment(ui.muted("/"), ui.link(link.title, href=link.href, class_name="af-link af-small", title="The run above")),
    )
    return ui.row(back, above, gap=2)


def _actions(run: Any) -> rx.Component:
    is_active = (run.status == "queued") | (run.status == "running") | (run.status == "waiting")
    more = ui.menu(
        ui.icon_button("chevron_down", label="More ways to run it again", variant="secondary", tip=False, id="run-again-more"),
        ui.menu_item("Change the input first…", icon="pencil", on_click=_fork.ask("given", ""), id="run-again-changed"),
        ui.menu_item("Again, as it was", icon="rotate_cw", on_click=_state.run_again),
        rx.cond(
            run.status == "failed",
            ui.menu_item("Continue from what failed…", icon="step_forward", on_click=_fork.ask("failed", "")),
        ),
        rx.cond(run.origin != "", ui.menu_item("Compare with its origin", icon="columns_2", on_click=_state.compare_with_origin)),
        rx.cond(
            run.workflow_href != "",
            ui.menu_item("Bring back the workflow as it ran", icon="history", on_click=_versions.bring_back, id="bring-back"),
        ),
        rx.cond(
            run.workflow_href != "",
            ui.menu_item("Compare with the run before", icon="columns_2", on_click=rx.redirect(f"/runs/compare?b={run.id}")),
        ),
        align="end",
    )
    workflow = ui.link_button("Open workflow", href=run.workflow_href, icon="workflow", id="run-workflow-link")
    shown = rx.cond(run.workflow_href != "", workflow)
    again = ui.row(ui.button("Run again", icon="rotate_cw", on_click=_state.run_again), more, gap=1)
    return rx.cond(
        _state.facts.can_run,
        ui.row(rx.cond(is_active, ui.button("Stop", icon="square", on_click=_state.cancel)), shown, again, gap=2, wrap=True),
        shown,
    )


def _figures(run: Any) -> rx.Component:
    return ui.row(
        ui.status_badge(run.status, id="run-status"),
        rx.cond(run.is_dry, ui.badge("Dry run: nothing was changed outside", tone="amber", icon="flask_conical")),
        ui.muted(run.started, title=run.started_at),
        rx.cond(run.duration != "", ui.muted(run_time(run), " at work", title="Without the time it waited")),
        rx.cond((run.waited != "") | (run.status == "waiting"), ui.muted(run_wait(run), " waiting")),
        rx.cond(run.tokens != "0", ui.muted(run.tokens, " tokens")),
        ui.muted(run.cost),
        rx.cond(run.by != "", ui.muted("by ", run.by)),
        rx.cond(run.title_then != "", ui.muted("called “", run.title_then, "” then")),
        wrap=True,
        gap=3,
        class_name="af-run-figures-line",
    )


def _origin() -> rx.Component:
    """Of a fork: what it was made of."""
    origin = _state.facts.origin
    link = ui.link("another run", href=f"/runs/{origin.run_id}", class_name="af-link", id="run-origin")
    compare = ui.link("Compare the two", href=f"/runs/compare?a={origin.run_id}&b={_state.run.id}", class_name="af-link")
    words = rx.el.span(origin.words, rx.cond(origin.run_id != "", rx.fragment(" It builds on ", link, ". ", compare, ".")))
    dropped = rx.cond(origin.dropped != "", rx.el.span(" ", origin.dropped))
    return rx.cond(origin.words != "", ui.callout(words, dropped, tone="blue", icon="git_fork"))
