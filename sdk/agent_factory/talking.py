"""Conversations with agents, and blueprints: what is told and what is brought in."""

from collections.abc import Iterator
from typing import Any

from agent_factory.parts import Kept, Part
from agent_factory.transport import PREFIX, Event, Json


class Conversations(Kept):
    """Your conversations with agents; `list(agent_id=...)`."""

    def message(self, id: str, message_id: str) -> Json:
        """One message; `status` is streaming until it is done."""
        return self._transport.call("GET", f"{self._path}/{id}/messages/{message_id}")

    def follow(self, id: str, message_id: str) -> Iterator[Event]:
        """An answer as it is written."""
        return self._transport.stream(f"{self._path}/{id}/messages/{message_id}/stream")

    def stop(self, id: str, message_id: str) -> Json:
        """Stop an answer; its words so far stay."""
        return self.do(id, f"messages/{message_id}/stop")

    def rename(self, id: str, title: str) -> Json:
        """Give it another title."""
        return self._transport.call("PATCH", f"{self._path}/{id}", body={"title": title})

    def edit(self, id: str, message_id: str, text: str, **how: Any) -> Iterator[Event]:
        """Write another version of a message of yours and follow the new answer; `values`, `definition` as in a chat."""
        return self._turn(self.do(id, f"messages/{message_id}/edit", {"text": text, **how}))

    def regenerate(self, id: str, message_id: str, **how: Any) -> Iterator[Event]:
        """Have an answer written anew and follow it; the older one stays beside it."""
        return self._turn(self.do(id, f"messages/{message_id}/regenerate", how))

    def show_version(self, id: str, message_id: str) -> Json:
        """Go over to another version of a message; `older_id` and `newer_id` of a message name its versions."""
        return self.do(id, f"messages/{message_id}/show")

    def _turn(self, turn: Json) -> Iterator[Event]:
        yield Event("turn", turn)
        yield from self._transport.stream(turn["stream"])


class Blueprints(Part):
    """Workflows and agents as text."""

    def preview(self, text: str) -> Json:
        """What an import would do; nothing is changed."""
        return self._transport.call("POST", f"{self._path}/preview", body={"text": text})

    def bring(self, text: str) -> Json:
        """Create what a blueprint holds; nothing of it runs by itself."""
        return self._transport.call("POST", f"{self._path}/import", body={"text": text})

    def templates(self) -> Iterator[Json]:
        """The templates of the installation."""
        return self._pages(f"{PREFIX}/templates", {})

    def begin_with(self, key: str) -> Json:
        """Create what a template holds."""
        return self._transport.call("POST", f"{PREFIX}/templates/{key}")
