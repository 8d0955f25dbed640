"""State of the draft in the publish wizard: what it is about, and whether the browser keeps anything of it."""

import json
from typing import Any

import reflex as rx

from app.session import SessionState
from components.forms.draft import draft_done
from engine.json import JsonValue, as_list, as_object


class DraftState(rx.State):
    """Kept by the browser for one person, workspace and workflow (components/forms/draft.py)."""

    place: str = ""
    loaded: str = ""  # changes each time the form is filled by the server
    is_kept: bool = False

    def _begin(self, place: str) -> None:
        self.place, self.loaded, self.is_kept = place, str(int(self.loaded or 0) + 1), False

    async def _end(self) -> Any:
        """Nothing of it is kept any more."""
        session: Any = await self.get_state(SessionState)
        self.is_kept = False
        return draft_done(owner=owner_of(session.me.email, session.workspace.id), place=self.place)


def owner_of(email: Any, workspace_id: Any) -> Any:
    """Whose draft it is, for the page and for the server alike."""
    return email + " " + workspace_id


def read_alts(more: str) -> dict[str, str] | None:
    """Ids and words of the pictures in a kept draft, in their order; None where it says nothing of pictures."""
    try:
        rows: list[JsonValue] | None = as_list(json.loads(more)) if more else None
    except ValueError:
        return None
    found = [as_object(row) or {} for row in rows or ()]
    return None if rows is None else {str(one.get("id")): str(one.get("alt") or "") for one in found}
