"""The live sink of one run; the engine emits into it and the process's publisher sends."""

from collections.abc import Mapping
from typing import Any

from app.adapters.live_publisher import LivePublisher


class RunSink:
    """Implements engine.ports.LiveSink. A chat is always watched; another run only while somebody follows it."""

    def __init__(self, run: str, publisher: LivePublisher, *, always_watched: bool) -> None:
        self._run = run
        self._publisher = publisher
        self._always_watched = always_watched

    @property
    def is_watched(self) -> bool:
        """Whether streaming is worth its price."""
        return self._always_watched or self._publisher.is_watched(self._run)

    def emit(self, kind: str, node: str, iteration: str, payload: Mapping[str, Any]) -> None:
        """Pass on."""
        self._publisher.emit(self._run, kind, node, iteration, payload)
