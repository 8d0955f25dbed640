"""State of what a run's steps wait for by name, and of sending it by hand."""

import json
from dataclasses import dataclass

import reflex as rx

from app.core.errors import AppError
from app.services.runs import list_signal_waits, send_signal
from app.session import Bridge
from app.views import words
from app.views.runs import SignalWaitRow
from app.wiring import get_wiring
from engine.json import JsonValue
from pages.run.where import run_id_of


@dataclass(frozen=True)
class SignalItem:
    """One wait, ready to show."""

    key: str
    since: str
    until: str


class SignalState(Bridge, rx.State):
    """The signals one run waits for."""

    items: list[SignalItem] = []
    texts: dict[str, str] = {}
    errors: dict[str, str] = {}

    @rx.event
    async def load(self):
        """Read what the run waits for; nothing for a run that cannot be shown."""
        self.errors = {}
        try:
            waits = await self._read(list_signal_waits, run_id=run_id_of(self.router.url.path))
        except AppError:
            waits = ()
        self.items = list({item.key: item for item in map(_item, waits)}.values())

    @rx.event
    def set_text(self, key: str, text: str):
        """Keep what goes along."""
        self.texts = {**self.texts, str(key)[:200]: str(text)[:20_000]}

    @rx.event
    async def send(self, key: str):
        """Send it to this run."""
        name = str(key)[:200]
        try:
            await self._call(send_signal, key=name, value=_value(self.texts.get(name, "")), run_id=run_id_of(self.router.url.path))
        except AppError as refused:
            self.errors = {name: next(iter(refused.fields.values()), refused.message)}
            return None
        return [rx.toast.success("Sent. The run goes on."), SignalState.load]


def _item(row: SignalWaitRow) -> SignalItem:
    now = get_wiring().ports.clock.now()
    return SignalItem(row.key, words.ago(row.since, now=now), words.until(row.until, now=now))


def _value(text: str) -> JsonValue:
    """JSON where the text is JSON, else the text; nothing for ""."""
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
