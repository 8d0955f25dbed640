"""The credentials of one run's workspace (app.core.ports.CredentialSource): opened in SQL at each use, so that a change counts at once.

That a workspace has no key of its own for a provider is remembered for a second: most have none, and every model call asks.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from app.core.errors import Unavailable
from app.core.ports import OpenedCredential
from app.core.uow import UnitOfWork
from app.services.credentials import note_use, reveal_for_model, reveal_for_request
from app.wiring import Wiring
from engine.errors import Transient

Found = TypeVar("Found", OpenedCredential, OpenedCredential | None)
KEYLESS_S = 1.0
MOST_KEYLESS = 10_000


class Keyless:
    """Which workspaces had no key of a provider a moment ago; shared by the runs of a process."""

    def __init__(self) -> None:
        self._until: dict[tuple[uuid.UUID, str], float] = {}

    def knows(self, workspace_id: uuid.UUID, provider: str) -> bool:
        """Whether it need not be asked again yet."""
        return self._until.get((workspace_id, provider), 0.0) > time.monotonic()

    def note(self, workspace_id: uuid.UUID, provider: str) -> None:
        """It was asked just now, and there is none."""
        if len(self._until) >= MOST_KEYLESS:
            self._until.clear()
        self._until[workspace_id, provider] = time.monotonic() + KEYLESS_S


class RunCredentials:
    """One per run. The first use of each credential is written down before its secret is handed out."""

    def __init__(self, wiring: Wiring, *, workspace_id: uuid.UUID, run_id: uuid.UUID, keyless: Keyless) -> None:
        self._wiring = wiring
        self._keyless = keyless
        self._workspace_id = workspace_id
        self._run_id = run_id
        self._noted: set[uuid.UUID] = set()

    async def for_request(self, name: str) -> OpenedCredential:
        """The credential of this name."""
        return await self._ask(partial(self._open_and_note, partial(reveal_for_request, workspace_id=self._workspace_id, name=name)))

    async def model_key(self, provider: str) -> str:
        """The workspace's own key of a provider, or ""."""
        if self._keyless.knows(self._workspace_id, provider):
            return ""
        reveal = partial(reveal_for_model, workspace_id=self._workspace_id, provider=provider)
        opened = await self._ask(partial(self._open_and_note, reveal))
        if opened is None:
            self._keyless.note(self._workspace_id, provider)
            return ""
        return opened.fields["key"]

    def _open_and_note(self, reveal: Callable[[UnitOfWork], Found]) -> Found:
        with self._wiring.unit(write=False) as uow:
            opened = reveal(uow)
        if opened is not None and opened.id not in self._noted:
            with self._wiring.unit() as uow:
                note_use(uow, workspace_id=self._workspace_id, credential_id=opened.id, run_id=self._run_id)
            self._noted.add(opened.id)
        return opened

    async def _ask(self, work: Callable[[], Found]) -> Found:
        try:
            return await asyncio.to_thread(work)
        except Unavailable as error:
            raise Transient("credential_away", f"The credential could not be read: {error.message}") from error
