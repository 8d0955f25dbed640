"""The client itself: one attribute per part of the API, and what belongs to none."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

from agent_factory.governing import Budgets, Rules
from agent_factory.market import Listings, Moderation, Payouts, Reviews, Selling
from agent_factory.parts import Agents, Approvals, Audit, Keys, Runs, Workflows
from agent_factory.people import Me, Members, Workspaces
from agent_factory.talking import Blueprints, Conversations
from agent_factory.testing import Pins, Tests
from agent_factory.transport import PREFIX, Json, Tokens, Transport
from agent_factory.triggers import Credentials, Endpoints, Schedules, Webhooks
from agent_factory.workspace import Billing, Coupons, Purchases, Receipts, SignIn


class Client:
    """A signed-in program. Give an API key, or `tokens` of a login; `on_tokens` hears of every new pair, so that it can be kept.

    `agent` is the name that the page of sessions tells the program by.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8400",
        *,
        api_key: str = "",
        tokens: Tokens | None = None,
        on_tokens: Callable[[Tokens], None] | None = None,
        http: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        agent: str = "",
    ) -> None:
        self._tokens: Tokens | None = tokens
        self._on_tokens = on_tokens
        renew = self.refresh if tokens is not None else None
        self.transport = Transport(
            url, bearer=api_key or (tokens.access if tokens else ""), renew=renew, http=http, sleep=sleep, agent=agent
        )
        self.agents = Agents(self.transport, "agents")
        self.workflows = Workflows(self.transport, "workflows")
        self.runs = Runs(self.transport, "runs")
        self.approvals = Approvals(self.transport, "approvals")
        self.keys = Keys(self.transport, "keys")
        self.schedules = Schedules(self.transport, "schedules")
        self.webhooks = Webhooks(self.transport, "webhooks")
        self.endpoints = Endpoints(self.transport, "endpoints")
        self.rules = Rules(self.transport, "rules")
        self.tests = Tests(self.transport, "workflows")
        self.pins = Pins(self.transport, "workflows")
        self.budgets = Budgets(self.transport, "budgets")
        self.credentials = Credentials(self.transport, "credentials")
        self.conversations = Conversations(self.transport, "conversations")
        self.blueprints = Blueprints(self.transport, "blueprints")
        self.myself = Me(self.transport, "users/me")
        self.workspaces = Workspaces(self.transport, "workspaces")
        self.sign_in = SignIn(self.transport, "workspaces/current/sign-in")
        self.members = Members(self.transport, "members")
        self.audit = Audit(self.transport, "audit")
        self.billing = Billing(self.transport, "plan")
        self.listings = Listings(self.transport, "market/listings")
        self.reviews = Reviews(self.transport, "market")
        self.selling = Selling(self.transport, "market")
        self.payouts = Payouts(self.transport, "market/payouts")
        self.moderation = Moderation(self.transport, "market/cases")
        self.purchases = Purchases(self.transport, "purchases")
        self.coupons = Coupons(self.transport, "coupons")
        self.receipts = Receipts(self.transport, "receipts")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.transport.close()

    def me(self) -> Json:
        """Who this is to the API, and what it may do."""
        return self.myself.show()

    def home(self) -> Json:
        """What waits, what happened lately and what to do next."""
        return self.transport.call("GET", f"{PREFIX}/home")

    def usage(self, *, since: str = "", until: str = "") -> Json:
        """Tokens, cost and runs of a period (days such as 2026-01-31, both included), by model and workflow; the last 30 days without."""
        return self.transport.call("GET", f"{PREFIX}/usage", query={"since": since, "until": until})

    def performance(self, *, since: str = "", until: str = "") -> Json:
        """How many runs of a period succeeded, how long they took and what they cost, by workflow and by day."""
        return self.transport.call("GET", f"{PREFIX}/performance", query={"since": since, "until": until})

    def signal(self, key: str, value: Any = None, *, run_id: str | None = None, message_id: str | None = None) -> Json:
        """Say that something has happened which runs wait for."""
        body = {"key": key, "value": value, "run_id": run_id, "message_id": message_id}
        return self.transport.call("POST", f"{PREFIX}/signals", body=body)

    def register(self, name: str, email: str, password: str) -> Tokens | None:
        """Open an account with a workspace of its own, and call as this person; None where a letter comes first."""
        body = {"name": name, "email": email, "password": password}
        pair = self.transport.call("POST", f"{PREFIX}/auth/register", body=body)
        return self._take(pair) if pair else None

    def finish_registration(self, token: str, password: str) -> Tokens:
        """Finish the account with the token of the letter and the password that was chosen."""
        return self._take(self.transport.call("POST", f"{PREFIX}/auth/register/finish", body={"token": token, "password": password}))

    def login(self, email: str, password: str, code: str = "", *, own_account: bool = False) -> Tokens:
        """Sign in by password, and a code where the account asks for one; from now on calls are this person's.

        With `own_account` who belongs only to workspaces that open through their own providers gets at their account all the same.
        """
        body = {"email": email, "password": password, "code": code, "own_account": own_account}
        return self._take(self.transport.call("POST", f"{PREFIX}/auth/login", body=body))

    def change_password(self, current: str, password: str) -> Tokens:
        """Change your password. Every sign-in ends; this client goes on with a fresh one."""
        body = {"current": current, "password": password}
        return self._take(self.transport.call("POST", f"{PREFIX}/users/me/password", body=body))

    def request_password_reset(self, email: str) -> None:
        """Have a letter sent to whoever forgot the password, if there is such an account."""
        self.transport.without_proof().call("POST", f"{PREFIX}/auth/password-reset", body={"email": email})

    def reset_password(self, token: str, password: str) -> None:
        """Set a new password with the token of that letter; every sign-in of the account ends."""
        self.transport.without_proof().call("POST", f"{PREFIX}/auth/password-reset/finish", body={"token": token, "password": password})

    def confirm_address(self, token: str) -> None:
        """Confirm an address with the token of its letter."""
        self.transport.without_proof().call("POST", f"{PREFIX}/auth/verify-email", body={"token": token})

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
