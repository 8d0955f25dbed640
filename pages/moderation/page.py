"""The operators' list of what waits for a decision, and the page of one case."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.chrome import canvas_tools
from components.canvas.flow import flow_canvas
from components.gallery import gallery
from components.reason import reason_dialog
from components.shell import loaded, shell_page
from pages.moderation.inside_parts import inside, what_changed
from pages.moderation.reviews_parts import reported_reviews
from pages.moderation.reviews_state import ReportedState
from pages.moderation.state import CaseState, ModerationState
from pages.offer.parts import permission_list, samples

_list: Any = ModerationState
_one: Any = CaseState
_reported: Any = ReportedState
TABS = (("waiting", "Waiting"), ("decided", "Decided"), ("reviews", _reported.label))


def _badge(case: Any) -> rx.Component:
    tones = {"waiting": "amber", "approved": "green", "refused": "red"}
    choices = [(state, ui.badge(case.state_label, tone=tone)) for state, tone in tones.items()]  # type: ignore[arg-type]
    return rx.fragment(rx.match(case.state, *choices, ui.badge(case.state_label)))


def moderation_page() -> rx.Component:
    """What waits and what was decided."""

    def row(case: Any) -> rx.Component:
        when = rx.cond(case.decided != "", case.decided, case.asked)
        return ui.table_row(
            ui.link(case.name, href=case.href), case.creator, case.what, _badge(case), rx.el.td(when, class_name="af-nowrap")
        )

    table = ui.table(("Listing", "Creator", "What", "State", "When"), rx.foreach(_list.rows, row), label="Cases")
    nothing = rx.cond(
        _list.tab == "waiting",
        ui.empty_state("Nothing waits", "Versions that creators publish, and their appeals, stand here.", icon="circle_check"),
        ui.empty_state("No decisions yet", "Decisions stay here for the record.", icon="history"),
    )
    cases = loaded(_list, rx.fragment(rx.cond(ui.length_of(_list.rows) > 0, table, nothing)), rows=4, refused="This list is for operators")
    body = rx.cond(_list.tab == "reviews", reported_reviews(), cases)
    header = ui.page_header(
        "Moderation",
        description="What creators publish is shown after somebody has looked at it.",
        before=ui.link("Marketplace", href="/marketplace", class_name="af-small af-muted"),
        actions=(
            ui.link_button("Platform", href="/marketplace/platform", icon="scale"),
            ui.segmented(TABS, value=_list.tab, on_change=_list.choose_tab, label="What to decide"),
        ),
    )
    return shell_page(header, body, title="Moderation", active="marketplace")


def _fact(label: str, value: Any) -> rx.Component:
    return ui.row(ui.muted(label), ui.spacer(), rx.el.span(value, class_name="af-small"))


def _refusal() -> rx.Component:
    """The question for the reason: of refusing, of keeping down what was taken down, or of taking down."""
    is_waiting, is_down = _one.case.state == "waiting", _one.case.kind == "takedown"
    act = rx.cond(is_waiting, rx.cond(is_down, "Keep it down", "Refuse"), "Take down")
    title = rx.cond(is_waiting, rx.cond(is_down, "Keep this listing off the shelf?", "Refuse this version?"), "Take this listing down?")
    answer = rx.cond(_one.case.appeal != "", "; it was looked at twice then, and this decision stands.", " and may answer once.")
    return reason_dialog(
        title,
        "Who has bought or installed it keeps their version. Its creator reads the reason",
        answer,
        act=act,
        state=_one,
        open=_one.is_refusing,
        on_open_change=_one.set_refusing,
        on_confirm=_one.refuse,
    )


def _verdict() -> rx.Component:
    is_down = _one.case.kind == "takedown"
    waiting = ui.row(
        ui.button(
            rx.cond(is_down, "Put back", "Approve"),
            variant="primary",
            icon="check",
            on_click=_one.approve,
            disabled=~_one.paper.is_intact,
        ),
        ui.button(rx.cond(is_down, "Keep it down", "Refuse"), on_click=_one.set_refusing(True)),
        wrap=True,
    )
    shown = rx.cond(_one.paper.can_take_down, ui.row(ui.button("Take down", on_click=_one.set_refusing(True))), rx.fragment())
    act = rx.match(_one.case.state, ("waiting", waiting), ("approved", shown), rx.fragment())
    return rx.fragment(act, _refusal())


def _side() -> rx.Component:
    facts = ui.stack(
        _fact("Creator", _one.case.creator),
        _fact("Shelf", _one.paper.shelf),
        _fact("Price", _one.paper.price),
        _fact("Licence", _one.paper.licence),
        _fact("Buyers see", rx.cond(_one.paper.is_sealed, "Nothing of what is inside (sealed)", "Everything")),
        _fact("On the shelf", _one.paper.on_shelf),
        _fact("Asked", _one.case.asked),
        gap=2,
    )
    why = rx.cond(_one.case.kind == "takedown", "Taken down: ", "Refused: ")
    reason = rx.cond(_one.case.reason != "", ui.callout(_one.case.reason, title=why, tone="red"), rx.fragment())
    appeal = rx.cond(_one.case.appeal != "", ui.callout(_one.case.appeal, title="Its creator answers: ", tone="amber"), rx.fragment())
    broken = rx.cond(
        _one.paper.is_intact, rx.fragment(), ui.callout("This package was changed after it was published. Refuse it.", tone="red")
    )
    top = ui.stack(ui.row(rx.el.strong(_one.case.what), ui.spacer(), _badge(_one.case)), facts, broken, reason, appeal, _verdict(), gap=4)
    wider = rx.cond(
        ui.length_of(_one.paper.widened) > 0,
        ui.card(ui.section(f"What it may and {_one.paper.earlier_version} may not", permission_list(_one.paper.widened))),
        rx.fragment(),
    )
    allowed = ui.card(ui.section("What it may do", permission_list(_one.paper.permissions)))
    return rx.el.aside(ui.stack(ui.card(top), wider, allowed, gap=4), class_name="af-offer-side")


def case_page() -> rx.Component:
    """One case, with everything that a decision needs."""
    header = ui.page_header(
        _one.case.name,
        before=ui.link("Moderation", href="/marketplace/moderation", class_name="af-small af-muted"),
        description=_one.paper.tagline,
    )
    said = ui.section("What its creator says has changed", ui.card(ui.markdown(_one.paper.changelog)))
    told = rx.cond(_one.paper.changelog != "", said, rx.fragment())
    main = ui.stack(
        gallery(_one.paper.pictures),
        rx.el.div(flow_canvas(overlay=None, on_inspect=_one.choose_on_canvas), canvas_tools(), class_name="af-offer-canvas"),
        what_changed(),
        inside(),
        ui.section("Description", ui.card(ui.markdown(_one.paper.description))),
        told,
        samples(_one.samples),
        gap=6,
    )
    content = rx.fragment(header, rx.el.div(main, _side(), class_name="af-offer-columns"))
    body = rx.cond(
        _one.problem != "",
        ui.error_state(_one.problem, title="This case cannot be shown", on_retry=_one.load),
        rx.cond(_one.is_loading, ui.skeleton_cards(3, height="220px"), content),
    )
    return shell_page(body, title="Moderation case", active="marketplace")
