"""The inspector's part about failing and waiting: attempts, time limit, what happens then, and for which paths a step waits."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act_with, editor_var
from components.forms import bare_select, draft_field
from pages.workflow.inspector_state import InspectorState

_state: Any = InspectorState  # its attributes are Vars, which the type of the class does not say

_JOINS = (("all", "for every incoming path"), ("any", "for the first that arrives"), ("count", "for a number of them"))
_OTHERS = (("finish", "Let them finish"), ("cancel", "Stop them"))
_LOCK_HELP = "Steps with the same lock never work at the same time; each waits its turn. Any short name will do."
_ON_ERROR = (("fail", "Stop the run"), ("branch", "Go on at the error port"), ("default", "Go on with a default output"))


def policies() -> rx.Component:
    """Closed, it says in one line what holds."""
    policy = _state.form.policy
    delays = ui.row(
        _line("First delay (s)", "delay_s", policy.delay_s),
        _line("Longest (s)", "max_delay_s", policy.max_delay_s),
        gap=3,
        class_name="af-even",
    )
    failing = ui.stack(
        ui.row(
            rx.cond(policy.can_retry, _line("Attempts", "attempts", policy.attempts)),
            _line("Time limit (s)", "timeout_s", policy.timeout_s, placeholder="none"),
            gap=3,
            class_name="af-even",
        ),
        rx.cond(policy.can_retry & (policy.attempts != "1"), delays),
        _select("If it still fails", "on_error", policy.on_error, _ON_ERROR),
        rx.cond(policy.on_error == "default", _line("Default output", "default", policy.default_text, multiline=True)),
        gap=3,
    )
    title = rx.cond(policy.can_fail, "If it fails", "Waiting")
    summary = rx.el.summary(title, rx.el.span(policy.words, class_name="af-summary-words"), class_name="af-summary")
    body = ui.stack(rx.cond(policy.can_fail, failing), rx.cond(policy.has_join, _joining(policy)), gap=3, class_name="af-advanced")
    own = rx.cond(policy.can_fail | policy.has_join, rx.el.details(summary, body, class_name="af-details"))
    return rx.fragment(own, rx.cond(policy.has_lock, _locking(policy)))


def _joining(policy: Any) -> rx.Component:
    return ui.stack(
        _select("Wait", "join", policy.join, _JOINS),
        rx.cond(policy.join == "count", _line("How many paths", "join_count", policy.join_count)),
        rx.cond(policy.join != "all", _select("The other paths then", "others", policy.others, _OTHERS)),
        gap=3,
    )


def _locking(policy: Any) -> rx.Component:
    """Closed, it says which lock; most steps have none."""
    words = rx.cond(policy.lock != "", rx.el.span(policy.lock, class_name="af-summary-words"))
    summary = rx.el.summary("One at a time", words, class_name="af-summary")
    body = rx.el.div(_line("Lock", "lock", policy.lock, placeholder="none", help=_LOCK_HELP), class_name="af-advanced")
    return rx.el.details(summary, body, class_name="af-details")


def _line(label: str, name: str, value: Any, **props: object) -> rx.Component:
    refused = editor_var("fieldErrors", dict[str, str])
    key = f"policy.{name}"
    control = draft_field(
        label,
        name=f"policy-{name}",
        value=value,
        on_change=act_with("policyField", _state.form.id, name),
        error=rx.cond(refused.contains(key), refused[key], ""),
        disabled=~_state.form.can_edit,
        **props,
    )
    return rx.el.div(control, custom_attrs={"data-field": name})


def _select(label: str, name: str, value: Any, choices: tuple[tuple[str, str], ...]) -> rx.Component:
    control = bare_select(
        *[rx.el.option(words, value=key) for key, words in choices],
        label=label,
        value=value,
        on_change=act_with("policyField", _state.form.id, name),
        id=f"field-policy-{name}",
        disabled=~_state.form.can_edit,
    )
    return rx.el.div(ui.field(label, control, name=f"policy-{name}"), custom_attrs={"data-field": name})
