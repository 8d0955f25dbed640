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
            before, cursor = cursor, page.get("next_cursor")
            if cursor is None or cursor == before:
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

    def set_sharing(self, id: str, *, everyone: str | None = None, owner_id: str | None = None, needed: bool = False) -> Json:
        """What everybody in the workspace may do (private, view, run, edit), and whose it is; what is None stays.

        `needed`: what a workflow uses is shared, to run, with everybody who may run it and lacks that.
        """
        body = {"everyone": everyone, "owner_id": owner_id, "needed": needed}
        return self._transport.call("PATCH", f"{self._path}/{id}/sharing", body=body)

    def share(self, id: str, user_id: str, access: str) -> Json:
        """Let one member view, run or edit it."""
        return self._transport.call("PUT", f"{self._path}/{id}/sharing/{user_id}", body={"access": access})

    def unshare(self, id: str, user_id: str) -> Json:
        """Take back what one member was given by name."""
        return self._transport.call("DELETE", f"{self._path}/{id}/sharing/{user_id}")

    def candidates(self, id: str, search: str = "") -> Iterator[Json]:
        """Members who could still be named, by name or address; at most eight."""
        return self.below(id, "sharing/candidates", search=search)


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

    def check(self, definition: Json) -> Json:
        """What is wrong with a definition, field by field; nothing is saved."""
        return self._transport.call("POST", f"{self._path}/check", body=definition)

    def try_unsaved(self, definition: Json, text: str, *, conversation_id: str = "", values: Json | None = None) -> Iterator[Event]:
        """Say something to an agent that need not exist, and follow the answer."""
        body = {"definition": definition, "text": text, "conversation_id": conversation_id, "values": values}
        turn = self._transport.call("POST", f"{self._path}/try", body=body)
        yield Event("turn", turn)
        yield from self._transport.stream(turn["stream"])

    def options(self) -> Json:
        """The models and tools that agents here may have."""
        return self._transport.call("GET", f"{self._path}/options")

    def starters(self) -> Iterator[Json]:
        """Ready-made agents."""
        return self._pages(f"{self._path}/starters", {})

    def begin_with(self, key: str) -> Json:
        """Create an agent from a ready-made one."""
        return self._transport.call("POST", f"{self._path}/starters/{key}")


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

    def edit(self, id: str, operations: "list[Json]", *, revision: int) -> Json:
        """Make single edits, as the canvas does, on the revision you know; `conflicts` of the answer were not made."""
        return self._transport.call("POST", f"{self._path}/{id}/operations", body={"operations": operations}, headers=if_match(revision))

    def edits_since(self, id: str, revision: int) -> Json:
        """What was edited after a revision."""
        return self._transport.call("GET", f"{self._path}/{id}/operations", query={"since": revision})

    def node(self, id: str, node: str) -> Json:
        """One step as the editor shows it: fields, policy, problems, and the names its texts may use."""
        return self._transport.call("GET", f"{self._path}/{id}/nodes/{node}")

    def form(self, id: str) -> Iterator[Json]:
        """The fields that a run asks for, each with what you gave last."""
        return self.below(id, "form")

    def test_run(self, id: str, inputs: Json | None = None, *, is_dry: bool = False, models: str = "as_set") -> Json:
        """Run the draft with its pinned outputs; dry changes nothing outside, `models="demo"` has the demo model answer."""
        return self.do(id, "test-runs", {"inputs": inputs or {}, "is_dry": is_dry, "models": models})

    def run_step(self, id: str, node: str, **wish: Any) -> Json:
        """Run one step alone: results={...} of the steps before it, base_run_id, iteration, inputs, is_dry, models."""
        return self.do(id, f"nodes/{node}/run", wish)

    def run_until(self, id: str, node: str, **wish: Any) -> Json:
        """Run the draft as far as a step: inputs (without them those of the last run), is_dry, models."""
        return self.do(id, f"nodes/{node}/run-until", wish)

    def run_from(self, id: str, node: str, **wish: Any) -> Json:
        """Run the draft from a step on; what stands before it is kept of base_run_id, or of the last run."""
        return self.do(id, f"nodes/{node}/run-from", wish)


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

    def plan_fork(self, id: str, **wish: Any) -> Json:
        """What such a fork would keep, do again and drop; it starts nothing."""
        return self.do(id, "fork/preview", wish)

    def compare(self, id: str, base: str = "") -> Json:
        """What differs between a run and another one, by default the one of its workflow before it."""
        return self._transport.call("GET", f"{self._path}/{id}/comparison", query={"base": base})

    def attempt(self, id: str, node: str, seq: int, iteration: str = "") -> Json:
        """One attempt of a step, named by any of its journal events: values, model calls with prompts, tool calls."""
        return self._transport.call("GET", f"{self._path}/{id}/steps/{node}/attempts/{seq}", query={"iteration": iteration})

    def waits(self, id: str) -> Iterator[Json]:
        """The signals that its steps wait for."""
        return self.below(id, "waits")


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

    def scopes(self) -> Iterator[Json]:
        """What you may let a key do."""
        return self._pages(f"{self._path}/scopes", {})


class Audit(Listed):
    """Who did what; `list(outcome="denied")` filters."""

    def verdict(self) -> Json:
        """Whether the chain of entries is unbroken; `problems` names each place where it was touched."""
        return self._transport.call("GET", f"{self._path}/verdict")

    def filters(self) -> Json:
        """The people, actions and kinds that occur."""
        return self._transport.call("GET", f"{self._path}/filters")

    def export(self, file_format: str = "csv", **filters: str) -> Json:
        """What fits as a file: its `name`, `media_type` and `text`. That it was taken along is in the trail, too."""
        return self._transport.call("POST", f"{self._path}/export", body={"file_format": file_format, **filters})

    def retention(self) -> int:
        """For how many days entries are kept."""
        return self._transport.call("GET", f"{self._path}/retention")["days"]

    def set_retention(self, days: int) -> int:
        """Keep entries for 30 or for 365 days."""
        return self._transport.call("PUT", f"{self._path}/retention", body={"days": days})["days"]
