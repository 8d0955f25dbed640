"""The parts of the API that a client has as attributes. Things come as the API gives them; lists are read page by page as you go."""

from collections.abc import Iterator
from typing import Any

from agent_factory.errors import RunFailed
from agent_factory.transport import PREFIX, Event, Json, Transport


def if_match(version: int) -> dict[str, str]:
    """The header that says which version a change is made on."""
    return {"If-Match": f'"{version}"'}


class Part:
    """One part of the API below a path."""

    def __init__(self, transport: Transport, path: str) -> None:
        self._transport = transport
        self._path = f"{PREFIX}/{path}"

    def below(self, id: str, what: str, **query: Any) -> Iterator[Json]:
        """Every item of a list below one."""
        return self._pages(f"{self._path}/{id}/{what}", query)

    def do(self, id: str, action: str, body: Json | None = None) -> Json:
        """Any action below one, such as `do(id, "pause")`."""
        return self._transport.call("POST", f"{self._path}/{id}/{action}", body=body)

    def _pages(self, path: str, query: Json) -> Iterator[Json]:
        cursor = None
        while True:
            page = self._transport.call("GET", path, query={**query, "cursor": cursor})
            yield from page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return


class Listed(Part):
    """What can be listed."""

    def list(self, **query: Any) -> Iterator[Json]:
        """Every item, page by page; `query` filters, such as search="triage"."""
        return self._pages(self._path, query)


class Read(Listed):
    """And read one by one."""

    def get(self, id: str) -> Json:
        """One."""
        return self._transport.call("GET", f"{self._path}/{id}")


class Kept(Read):
    """And deleted."""

    def delete(self, id: str, **query: Any) -> Json:
        """Delete one."""
        return self._transport.call("DELETE", f"{self._path}/{id}", query=query)


class Shared(Kept):
    """Things with an owner, shared with the workspace or with people by name."""

    def sharing(self, id: str) -> Json:
        """Whose it is, what everybody may do with it, and who was named."""
        return self._transport.call("GET", f"{self._path}/{id}/sharing")

    def set_sharing(self, id: str, *, everyone: str | None = None, owner_id: str | None = None) -> Json:
        """What everybody in the workspace may do (private, view, run, edit), and whose it is; what is None stays."""
        return self._transport.call("PATCH", f"{self._path}/{id}/sharing", body={"everyone": everyone, "owner_id": owner_id})

    def share(self, id: str, user_id: str, access: str) -> Json:
        """Let one member view, run or edit it."""
        return self._transport.call("PUT", f"{self._path}/{id}/sharing/{user_id}", body={"access": access})

    def unshare(self, id: str, user_id: str) -> Json:
        """Take back what one member was given by name."""
        return self._transport.call("DELETE", f"{self._path}/{id}/sharing/{user_id}")


class Agents(Shared):
    """Agents."""

    def restore(self, id: str) -> Json:
        """Take a deletion back."""
        return self.do(id, "restore")

    def duplicate(self, id: str) -> Json:
        """Copy the newest version under a new name."""
        return self.do(id, "duplicate")

    def uses(self, id: str) -> "list[Json]":
        """The workflows that name it."""
        return [*self.below(id, "uses")]

    def versions(self, id: str) -> Iterator[Json]:
        """Its saved versions, the newest first."""
        return self.below(id, "versions")

    def version(self, id: str, number: int) -> Json:
        """It as it was in a version."""
        return self._transport.call("GET", f"{self._path}/{id}/versions/{number}")

    def restore_version(self, id: str, number: int, *, version: int) -> Json:
        """Save an old version again as the newest; `version` is the newest that you know."""
        return self._transport.call("POST", f"{self._path}/{id}/versions/{number}/restore", headers=if_match(version))

    def create(self, definition: Json | None = None, **fields: Any) -> Json:
        """Create one from its definition, or from the definition's fields."""
        return self._transport.call("POST", self._path, body={**(definition or {}), **fields})

    def save(self, id: str, definition: Json, *, version: int) -> Json:
        """Save a definition as the next version of the one you have read; raises Stale when there is a newer one."""
        return self._transport.call("PUT", f"{self._path}/{id}", body=definition, headers=if_match(version))

    def chat(self, id: str, text: str, *, conversation_id: str = "", values: Json | None = None) -> Iterator[Event]:
        """Say something and follow the answer: `text` events as it is written, at last a `message` with all of it."""
        body = {"text": text, "conversation_id": conversation_id, "values": values}
        turn = self._transport.call("POST", f"{self._path}/{id}/chat", body=body)
        yield Event("turn", turn)
        yield from self._transport.stream(turn["stream"])

    def try_out(self, id: str, text: str, definition: Json, *, values: Json | None = None) -> Iterator[Event]:
        """Say something to it as a definition has it that is not saved, and follow the answer."""
        turn = self.do(id, "test", {"text": text, "definition": definition, "values": values})
        yield Event("turn", turn)
        yield from self._transport.stream(turn["stream"])

    def ask(self, id: str, text: str, *, values: Json | None = None) -> Json:
        """Say something and wait for the whole answer."""
        return next(event.data for event in self.chat(id, text, values=values) if event.kind == "message")


class Workflows(Shared):
    """Workflows."""

    def create(self, name: str, definition: Json | None = None, *, description: str = "") -> Json:
        """Create one."""
        return self._transport.call("POST", self._path, body={"name": name, "description": description, "definition": definition})

    def replace(self, id: str, definition: Json, *, revision: int) -> Json:
        """Replace the definition of the revision you have read; raises Stale when there is a newer one."""
        return self._transport.call("PUT", f"{self._path}/{id}", body={"definition": definition}, headers=if_match(revision))

    def rename(self, id: str, name: str, description: str | None = None) -> Json:
        """Change name and description."""
        return self._transport.call("PATCH", f"{self._path}/{id}", body={"name": name, "description": description})

    def validate(self, id: str) -> Json:
        """Everything that is wrong with it, at once."""
        return self.do(id, "validate")

    def export(self, id: str) -> str:
        """The blueprint as YAML."""
        return self._transport.call("GET", f"{self._path}/{id}/blueprint")["text"]

    def restore(self, id: str) -> Json:
        """Take a deletion back."""
        return self.do(id, "restore")

    def duplicate(self, id: str) -> Json:
        """Copy the definition under the next free name."""
        return self.do(id, "duplicate")

    def versions(self, id: str, *, named_only: bool = False) -> Iterator[Json]:
        """Its history, the newest first."""
        return self.below(id, "versions", named_only=named_only or None)

    def name_version(self, id: str, name: str, *, version_id: str = "draft", note: str = "") -> Json:
        """Name a version, or the workflow as it stands."""
        return self.do(id, f"versions/{version_id}/name", {"name": name, "note": note})

    def compare(self, id: str, version_id: str, *, base: str = "draft") -> Json:
        """What differs between two versions."""
        return self._transport.call("GET", f"{self._path}/{id}/versions/{version_id}/changes", query={"base": base})

    def restore_version(self, id: str, version_id: str, *, revision: int) -> Json:
        """Make it what a version was; `revision` is the newest that you know."""
        return self._transport.call("POST", f"{self._path}/{id}/versions/{version_id}/restore", headers=if_match(revision))

    def import_blueprint(self, text: str) -> Json:
        """Create what a blueprint holds."""
        return self._transport.call("POST", f"{PREFIX}/blueprints/import", body={"text": text})

    def start(self, id: str, inputs: Json | None = None, *, idempotency_key: str | None = None) -> Json:
        """Start a run."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else None
        return self._transport.call("POST", f"{self._path}/{id}/runs", body={"inputs": inputs or {}}, headers=headers)


class Runs(Read):
    """Runs."""

    def events(self, id: str, *, after: int = 0) -> Iterator[Json]:
        """The journal so far."""
        while events := self._transport.call("GET", f"{self._path}/{id}/events", query={"after": after, "limit": 1000})["items"]:
            yield from events
            after = events[-1]["seq"]

    def follow(self, id: str, *, after: int = 0) -> Iterator[Event]:
        """The journal as it grows, until the run is over; the last event is `end`."""
        return self._transport.stream(f"{self._path}/{id}/stream", last_id=str(after) if after else "")

    def wait(self, id: str) -> Json:
        """Wait until a run is over and return it; raises RunFailed unless it succeeded."""
        for _ in self.follow(id):
            pass
        run = self.get(id)
        if run["status"] != "succeeded":
            raise RunFailed(run)
        return run

    def steps(self, id: str) -> list[Json]:
        """The steps it has come to."""
        return self._transport.call("GET", f"{self._path}/{id}/steps")["items"]

    def step(self, id: str, node: str, iteration: str = "") -> Json:
        """One step with its values."""
        return self._transport.call("GET", f"{self._path}/{id}/steps/{node}", query={"iteration": iteration})

    def cancel(self, id: str) -> Json:
        """Ask it to stop."""
        return self.do(id, "cancel")

    def retry(self, id: str) -> Json:
        """Run it again."""
        return self.do(id, "retry")

    def fork(self, id: str, **wish: Any) -> Json:
        """Begin a new run in the middle of this one: node="charge", or how="failed"."""
        return self.do(id, "fork", wish)


class Approvals(Read):
    """What waits for a person."""

    def decide(self, id: str, button: str, *, values: Json | None = None, note: str = "") -> Json:
        """Press a button."""
        return self.do(id, "decide", {"button": button, "values": values or {}, "note": note})


class Keys(Listed):
    """API keys; for people who are signed in, not for keys."""

    def create(self, name: str, scopes: "list[str]", *, expires_in_days: int = 90) -> Json:
        """Make one; `secret` is told this once."""
        return self._transport.call("POST", self._path, body={"name": name, "scopes": scopes, "expires_in_days": expires_in_days})

    def delete(self, id: str) -> Json:
        """End one at once."""
        return self._transport.call("DELETE", f"{self._path}/{id}")


class Settled(Kept):
    """Things with settings: schedules, webhooks, endpoints, credentials."""

    def create(self, **fields: Any) -> Json:
        """Make one."""
        return self._transport.call("POST", self._path, body=fields)

    def update(self, id: str, **fields: Any) -> Json:
        """Change settings; those left out stay."""
        return self._transport.call("PATCH", f"{self._path}/{id}", body=fields)


class Paused(Settled):
    """Things that can rest for a while."""

    def pause(self, id: str) -> Json:
        """Do nothing until it is resumed."""
        return self.do(id, "pause")

    def resume(self, id: str) -> Json:
        """Go on."""
        return self.do(id, "resume")


class Schedules(Paused):
    """Workflows that start at set times."""

    def update(self, id: str, **fields: Any) -> Json:
        """Change one: all its fields are given."""
        return self._transport.call("PUT", f"{self._path}/{id}", body=fields)

    def run(self, id: str) -> Json:
        """Start its workflow now."""
        return self.do(id, "run")

    def fires(self, id: str) -> Iterator[Json]:
        """What became of its due moments, the newest first."""
        return self.below(id, "fires")


class Webhooks(Paused):
    """Addresses that start workflows."""

    def create(self, workflow_id: str = "", **settings: Any) -> Json:
        """Make one; a signing secret is told this once."""
        return self._transport.call("POST", self._path, body={"workflow_id": workflow_id, "settings": settings})

    def rotate_secret(self, id: str) -> Json:
        """Another signing secret; the earlier one counts for a while."""
        return self.do(id, "rotate-secret")

    def deliveries(self, id: str, **query: Any) -> Iterator[Json]:
        """What came in, the newest first."""
        return self.below(id, "deliveries", **query)

    def delivery(self, delivery_id: str) -> Json:
        """One request as it came in."""
        return self._transport.call("GET", f"{PREFIX}/deliveries/{delivery_id}")

    def replay(self, delivery_id: str) -> Json:
        """Run the workflow again with what came in."""
        return self._transport.call("POST", f"{PREFIX}/deliveries/{delivery_id}/replay")


class Endpoints(Paused):
    """Addresses of yours that hear of events."""

    def test(self, id: str) -> Json:
        """Send a test message."""
        return self.do(id, "test")

    def messages(self, id: str, **query: Any) -> Iterator[Json]:
        """What was sent, the newest first."""
        return self.below(id, "messages", **query)

    def message(self, message_id: str) -> Json:
        """One message with its attempts."""
        return self._transport.call("GET", f"{PREFIX}/messages/{message_id}")

    def replay(self, message_id: str) -> Json:
        """Send a message again."""
        return self._transport.call("POST", f"{PREFIX}/messages/{message_id}/replay")


class Credentials(Settled):
    """Saved keys of others; secrets go in and never come out."""

    def test(self, id: str) -> Json:
        """Ask the other side whether it accepts the key."""
        return self.do(id, "test")

    def kinds(self) -> Iterator[Json]:
        """The kinds of services that keys can be saved for."""
        return self._pages(f"{PREFIX}/integrations", {})


class Audit(Listed):
    """Who did what; `list(outcome="denied")` filters."""

    def verdict(self) -> Json:
        """Whether the chain of entries is unbroken; `problems` names each place where it was touched."""
        return self._transport.call("GET", f"{self._path}/verdict")
