"""The pieces of the home page."""

from typing import Any

import reflex as rx

from components import ui
from components.shell.rights import for_makers
from pages.home.state import HomeState


def notices() -> rx.Component:
    """What a person should look at."""
    return rx.cond(ui.length_of(HomeState.notices) > 0, ui.stack(rx.foreach(HomeState.notices, _notice)))


def _notice(item: Any) -> rx.Component:
    def told(tone: ui.Tone) -> rx.Component:
        words = ui.stack(rx.el.span(item.text), ui.row(ui.link("Look at it", href=item.href)), gap=1)
        return ui.callout(words, tone=tone, title=item.title)

    return rx.cond(item.is_news, told("accent"), told("red"))


def waiting_approvals() -> rx.Component:
    """Decisions come first: somebody's run stands still."""

    def line(item: Any) -> rx.Component:
        asked = rx.cond(item.run_title != "", " · asked ", "Asked ")
        words = rx.el.div(
            rx.el.div(item.title, class_name="af-card-title af-truncate"),
            rx.el.div(item.run_title, asked, item.when, class_name="af-muted af-small af-truncate"),
            class_name="af-grow-1",
        )
        return ui.link(words, rx.el.span("Decide", class_name="af-button af-size-sm"), href=item.href, class_name="af-line")

    box = ui.card(rx.foreach(HomeState.approvals, line), class_name="af-card-flush af-card-amber")
    return rx.cond(ui.length_of(HomeState.approvals) > 0, ui.section("Waiting for you", box), rx.fragment())


def _step(item: Any) -> rx.Component:
    mark = rx.cond(
        item.is_done,
        rx.icon("circle_check", size=19, class_name="af-step-done", aria_label="Done"),
        rx.el.span(class_name="af-step-open", aria_hidden="true"),
    )
    words = rx.el.div(
        rx.el.div(item.title, class_name=rx.cond(item.is_done, "af-step-title af-step-past", "af-step-title")),
        rx.cond(item.is_done, rx.fragment(), rx.el.div(item.description, class_name="af-muted af-small")),
        class_name="af-grow-1",
    )
    arrow = rx.icon("chevron_right", size=16, class_name="af-faint", aria_hidden="true")
    return ui.link(mark, words, arrow, href=item.href, class_name="af-line")


def getting_started() -> rx.Component:
    """The first steps; gone once all are done."""
    total = ui.length_of(HomeState.checklist)
    bar = rx.el.div(
        rx.el.div(class_name="af-progress-fill", style={"width": f"calc(100% * {HomeState.done} / {total})"}),
        class_name="af-progress",
        role="progressbar",
        aria_valuenow=HomeState.done,
        aria_valuemin=0,
        aria_valuemax=total,
        aria_label="Steps done",
    )
    count = ui.muted(f"{HomeState.done} of {total}")
    box = ui.section("Get started", ui.card(bar, rx.foreach(HomeState.checklist, _step), class_name="af-card-flush"), actions=(count,))
    return rx.cond((total > 0) & (HomeState.done < total), box, rx.fragment())


def _run_line(run: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(run.title, class_name="af-card-title af-truncate"),
        rx.el.div(run.when, rx.cond(run.note != "", f" · {run.note}", ""), class_name="af-muted af-small af-truncate"),
        class_name="af-grow-1",
    )
    return ui.link(words, ui.status_badge(run.status), href=run.href, class_name="af-line")


def recent_runs() -> rx.Component:
    """The newest runs with how they went."""
    empty = ui.empty_state(
        "No runs yet",
        "Run a workflow and every step shows up here, live.",
        for_makers(ui.link_button("Choose a template", href="/templates", size="sm")),
        icon="activity",
        framed=False,
        compact=True,
    )
    lines = ui.card(rx.cond(ui.length_of(HomeState.runs) > 0, rx.foreach(HomeState.runs, _run_line), empty), class_name="af-card-flush")
    return ui.section("Recent runs", lines, actions=(ui.link("All runs", href="/runs", class_name="af-small"),))


def _shortcut(item: Any) -> rx.Component:
    note = rx.el.span(item.note, class_name=rx.cond(item.has_errors, "af-warn", ""))
    words = rx.el.div(
        rx.el.div(item.label, class_name="af-card-title af-truncate"),
        rx.el.div(note, rx.cond(item.note != "", " · ", ""), item.when, class_name="af-muted af-small af-truncate"),
        class_name="af-grow-1",
    )
    return ui.link(
        words, rx.icon("chevron_right", size=16, class_name="af-faint", aria_hidden="true"), href=item.href, class_name="af-line"
    )


def recent_workflows() -> rx.Component:
    """Workflows worked on lately."""
    empty = ui.empty_state(
        "No workflows yet",
        "Draw one from scratch or start from a template.",
        for_makers(ui.link_button("New workflow", href="/templates", size="sm", icon="plus")),
        icon="workflow",
        framed=False,
        compact=True,
    )
    lines = ui.card(
        rx.cond(ui.length_of(HomeState.workflows) > 0, rx.foreach(HomeState.workflows, _shortcut), empty), class_name="af-card-flush"
    )
    return ui.section("Workflows", lines, actions=(ui.link("All workflows", href="/workflows", class_name="af-small"),))


def recent_agents() -> rx.Component:
    """Agents worked on lately."""
    empty = ui.empty_state(
        "No agents yet",
        "An agent is a model with a role, instructions and tools.",
        for_makers(ui.link_button("New agent", href="/agents/new", size="sm", icon="plus")),
        icon="bot",
        framed=False,
        compact=True,
    )
    lines = ui.card(rx.cond(ui.length_of(HomeState.agents) > 0, rx.foreach(HomeState.agents, _shortcut), empty), class_name="af-card-flush")
    return ui.section("Agents", lines, actions=(ui.link("All agents", href="/agents", class_name="af-small"),))


def loading() -> rx.Component:
    """The outline of the page."""
    return ui.stack(ui.skeleton(height="220px", radius="var(--af-radius-lg)"), ui.skeleton_cards(3, height="150px"), gap=6)
