"""What stands in place of a thing that is not here: the way to it, where another workspace of the person has it."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, NotFound
from app.services.accounts import switch_workspace
from app.services.elsewhere import find_elsewhere
from app.session import Bridge, start_afresh
from app.views.accounts import Elsewhere
from components import ui

ASK = "Check the address, or ask who sent it to share it with you."
_NOUNS = {"runs": "run", "workflows": "workflow", "agents": "agent"}


def told(refused: AppError) -> str:
    """What keeps somebody from a page, with what to do about it where the thing is not there for them."""
    return f"{refused.message} {ASK}" if isinstance(refused, NotFound) else refused.message


class ElsewhereState(Bridge, rx.State):
    """Where the thing is that the address names."""

    found: Elsewhere = Elsewhere()
    noun: str = "run"

    @rx.event
    async def look(self) -> None:
        """Ask whether another workspace of this person has it."""
        self.found = Elsewhere()
        kind, _, rest = self.router.url.path.strip("/").partition("/")
        self.noun = _NOUNS.get(kind, "run")
        self.found = await self._read(find_elsewhere, kind=kind, thing_id=rest.partition("/")[0])

    @rx.event
    async def go(self) -> Any:
        """Go on in that workspace, at the same address."""
        await self._call(switch_workspace, workspace_id=self.found.workspace_id)
        return start_afresh(self.router.url.path)


_state: Any = ElsewhereState  # its attributes are Vars, which the type of the class does not say


def not_here(state: Any, missing: rx.Component) -> rx.Component:
    """For pages of one thing, with a state of `pages.loading.Loading`: `missing` where it is not here, else another try."""
    failed = ui.error_state(state.problem, on_retry=rx.call_script("window.location.reload()"))
    return rx.cond(state.is_missing | state.is_refused, or_elsewhere(missing), failed)


def or_elsewhere(missing: rx.Component) -> rx.Component:
    """`missing`, or the way to the workspace that has it; mounted only once the page knows that it is not here."""
    there = ui.empty_state(
        f"This {_state.noun} is in “{_state.found.name}”",
        "You belong to that workspace, too. Switch to it to open this.",
        ui.button(f"Switch to “{_state.found.name}”", variant="primary", on_click=_state.go, id="go-there"),
        icon="building_2",
    )
    return rx.el.div(rx.cond(_state.found.workspace_id != "", there, missing), on_mount=_state.look)
