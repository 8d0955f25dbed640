"""The engine's Journal on SQL: one per driven run, writing through the process's writer under the run's fence."""

import uuid
from collections.abc import Callable, Container, Sequence

from app.jobs.writer import Writer
from app.services.runs.claim import Claimed
from app.services.runs.journal import Commit
from engine.run.events import JournalEvent


class RunJournal:
    """Implements engine.run.events.Journal. `on_news` is called when others wrote to the run or asked it to stop."""

    def __init__(
        self,
        claimed: Claimed,
        writer: Writer,
        *,
        label: Callable[[str], str],
        effectful: Container[str],
        on_commit: Callable[[uuid.UUID, int], None],
        on_news: Callable[[], None],
        on_events: Callable[[Sequence[JournalEvent]], None] | None = None,
    ) -> None:
        self._claimed = claimed
        self._writer = writer
        self._label = label
        self._effectful = effectful
        self._on_commit = on_commit
        self._on_news = on_news
        self._on_events = on_events
        self.known_seq = claimed.next_seq
        self.must_ring = False
        self._crossed = 0  # commits between which others wrote something
        self._heard = 0

    @property
    def has_unread(self) -> bool:
        """Whether others wrote what the driver has not heard yet: the numbers after it are ours, so they do not tell."""
        return self._heard < self._crossed

    def reading(self) -> Callable[[], None]:
        """Call before the news are read, and the result once the driver has them; what crosses meanwhile stays unread."""
        crossed = self._crossed

        def heard() -> None:
            self._heard = max(self._heard, crossed)

        return heard

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        """Persist in order, or raise LeaseLost."""
        claimed = self._claimed
        done = await self._writer.commit(
            Commit(
                run_id=claimed.run_id,
                workspace_id=claimed.workspace_id,
                fence=claimed.fence,
                known_seq=self.known_seq,
                events=events,
                parent_id=claimed.parent_run_id,
                label=self._label,
                effectful=self._effectful,
                has_unread=self.has_unread,
            )
        )
        has_news = done.first_seq != self.known_seq or done.cancel_requested
        self._crossed += done.first_seq != self.known_seq
        self.known_seq = done.next_seq
        self.must_ring = self.must_ring or done.must_ring
        if self._on_events is not None:
            self._on_events(events)
        self._on_commit(claimed.run_id, done.next_seq)
        if has_news:
            self._on_news()
