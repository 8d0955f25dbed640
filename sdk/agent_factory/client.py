"""The client itself: one attribute per part of the API. Things come as the API gives them; lists are read page by page as you go."""

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import httpx

from agent_factory.errors import RunFailed
from agent_factory.transport import PREFIX, Event, Json, Tokens, Transport

OVER = ("succeeded", "failed", "cancelled")


class Part:
    """One part of the API below a path."""

    def __init__(self, transport: Transport, path: str) -> None:
        self._transport = transport
        self._path = f"{PREFIX}/{path}"

    def list(self, **query: Any) -> Iterator[Json]:
        """Every item, page by page; `query` filters, such as search="triage"."""
        cursor = None
        while True:
            page = self._transport.call("GET", self._path, query={**query, "cursor": cursor})
            yield from page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def get(self, id: str) -> Json:
        """One."""
        return self._transport.call("GET", f"{self._path}/{id}")

    def delete(self, id: str) -> Json:
        """Delete one."""
        return self._transport.call("DELETE", f"{self._path}/{id}")

    def do(self, id: str, action: str, body: Json | None = None) -> Json:
        """Any action below one, such as `do(id, "pause")`."""
        return self._transport.call("POST", f"{self._path}/{id}/{action}", body=body)


class Shared(Part):
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

    def create(self, definition: Json | None = None, **fields: Any) -> Json:
        """Create one from its definition, or from the definition's fields."""
        return self._transport.call("POST", self._path, body={**(definition or {}), **fields})

    def save(self, id: str, definition: Json, *, version: int) -> Json:
        """Save a definition as the next version of the one you have read; raises Stale when there is a newer one."""
        return self._transport.call("PUT", f"{self._path}/{id}", body=definition, headers={"If-Match": f'"{version}"'})

    def chat(self, id: str, text: str, *, conversation_id: str = "", values: Json | None = None) -> Iterator[Event]:
        """Say something and follow the answer: `text` events as it is written, at last a `message` with all of it."""
        body = {"text": text, "conversation_id": conversation_id, "values": values}
        turn = self._transport.call("POST", f"{self._path}/{id}/chat", body=body)
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
        return self._transport.call("PUT", f"{self._path}/{id}", body={"definition": definition}, headers={"If-Match": f'"{revision}"'})

    def rename(self, id: str, name: str, description: str | None = None) -> Json:
        """Change name and description."""
        return self._transport.call("PATCH", f"{self._path}/{id}", body={"name": name, "description": description})

    def validate(self, id: str) -> Json:
        """Everything that is wrong with it, at once."""
        return self.do(id, "validate")

    def export(self, id: str) -> str:
        """The blueprint as YAML."""
        return self._transport.call("GET", f"{self._path}/{id}/blueprint")["text"]

    def import_blueprint(self, text: str) -> Json:
        """Create what a blueprint holds."""
        return self._transport.call("POST", f"{PREFIX}/blueprints/import", body={"text": text})

    def start(self, id: str, inputs: Json | None = None, *, idempotency_key: str | None = None) -> Json:
        """Start a run."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else None
        return self._transport.call("POST", f"{self._path}/{id}/runs", body={"inputs": inputs or {}}, headers=headers)


class Runs(Part):
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


class Approvals(Part):
    """What waits for a person."""

    def decide(self, id: str, button: str, *, values: Json | None = None, note: str = "") -> Json:
        """Press a button."""
        return self.do(id, "decide", {"button": button, "values": values or {}, "note": note})


class Keys(Part):
    """API keys; for people who are signed in, not for keys."""

    def create(self, name: str, scopes: "list[str]", *, expires_in_days: int = 90) -> Json:
        """Make one; `secret` is told this once."""
        return self._transport.call("POST", self._path, body={"name": name, "scopes": scopes, "expires_in_days": expires_in_days})


class Settled(Part):
    """Things with settings: schedules, webhooks, endpoints, credentials."""

    def create(self, **fields: Any) -> Json:
        """Make one."""
        return self._transport.call("POST", self._path, body=fields)

    def update(self, id: str, **fields: Any) -> Json:
        """Change settings; those left out stay. A schedule is given whole."""
        method = "PUT" if self._path.endswith("/schedules") else "PATCH"
        return self._transport.call(method, f"{self._path}/{id}", body=fields)


class Credentials(Settled):
    """Saved keys of others; secrets go in and never come out."""

    def test(self, id: str) -> Json:
        """Ask the other side whether it accepts the key."""
        return self.do(id, "test")


class Audit(Part):
    """Who did what; `list(outcome="denied")` filters."""

    def verdict(self) -> Json:
        """Whether the chain of entries is unbroken; `problems` names each place where it was touched."""
        return self._transport.call("GET", f"{self._path}/verdict")


class Billing:
    """The plan of the workspace and what is paid for it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def show(self) -> Json:
        """`plan`, with what of it is used, and `billing`."""
        return self._transport.call("GET", f"{PREFIX}/plan")

    def order(self, plan: str, *, seen_cents: int) -> Json:
        """Order a plan at the price of a month that was seen; `next` is the page on which it is paid."""
        return self._transport.call("POST", f"{PREFIX}/plan/order", body={"plan": plan, "seen_cents": seen_cents})

    def preview(self, plan: str) -> Json:
        """What going over to a plan costs now (`due_cents`) and when it comes; "free" ends the paid one. Changes nothing."""
        return self._transport.call("GET", f"{PREFIX}/plan/preview", query={"plan": plan})

    def change(self, plan: str, *, at: str, seen_cents: int) -> Json:
        """Change the plan as it was previewed: with its `at` and `due_cents`."""
        return self._transport.call("POST", f"{PREFIX}/plan/change", body={"plan": plan, "at": at, "seen_cents": seen_cents})

    def invoices(self) -> Iterator[Json]:
        """What was billed, the newest first."""
        yield from self._transport.call("GET", f"{PREFIX}/invoices")["items"]


class Client:
    """A signed-in program. Give an API key, or `tokens` of a login; `on_tokens` hears of every new pair, so that it can be kept."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8400",
        *,
        api_key: str = "",
        tokens: Tokens | None = None,
        on_tokens: Callable[[Tokens], None] | None = None,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tokens: Tokens | None = tokens
        self._on_tokens = on_tokens
        renew = self.refresh if tokens is not None else None
        self.transport = Transport(url, bearer=api_key or (tokens.access if tokens else ""), renew=renew, http=http, sleep=sleep)
        self.agents = Agents(self.transport, "agents")
        self.workflows = Workflows(self.transport, "workflows")
        self.runs = Runs(self.transport, "runs")
        self.approvals = Approvals(self.transport, "approvals")
        self.keys = Keys(self.transport, "keys")
        self.schedules = Settled(self.transport, "schedules")
        self.webhooks = Settled(self.transport, "webhooks")
        self.endpoints = Settled(self.transport, "endpoints")
        self.credentials = Credentials(self.transport, "credentials")
        self.workspaces = Part(self.transport, "workspaces")
        self.audit = Audit(self.transport, "audit")
        self.billing = Billing(self.transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def me(self) -> Json:
        """Who this is to the API, and what it may do."""
        return self.transport.call("GET", f"{PREFIX}/users/me")

    def usage(self, *, since: str = "", until: str = "") -> Json:
        """Tokens, cost and runs of a period (days such as 2026-01-31, both included), by model and workflow; the last 30 days without."""
        return self.transport.call("GET", f"{PREFIX}/usage", query={"since": since, "until": until})

    def signal(self, key: str, value: Any = None, *, run_id: str | None = None, message_id: str | None = None) -> Json:
        """Say that something has happened which runs wait for."""
        body = {"key": key, "value": value, "run_id": run_id, "message_id": message_id}
        return self.transport.call("POST", f"{PREFIX}/signals", body=body)

    def login(self, email: str, password: str) -> Tokens:
        """Sign in by password; from now on calls are this person's."""
        return self._take(self.transport.call("POST", f"{PREFIX}/auth/login", body={"email": email, "password": password}))

    def logout(self) -> None:
        """End the sign-in."""
        self.transport.call("POST", f"{PREFIX}/auth/logout")

    def refresh(self) -> str | None:
        """The next pair of tokens; None without a sign-in."""
        if self._tokens is None:
            return None
        fresh = self.transport.without_proof()
        return self._take(fresh.call("POST", f"{PREFIX}/auth/refresh", body={"refresh_token": self._tokens.refresh})).access

    def _take(self, pair: Json) -> Tokens:
        self._tokens = Tokens(pair["access_token"], pair["refresh_token"])
        self.transport.prove(self._tokens.access, self.refresh)
        if self._on_tokens is not None:
            self._on_tokens(self._tokens)
        return self._tokens
