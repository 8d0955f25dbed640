"""What has settings: schedules, webhooks and endpoints, which start or tell something by themselves, and credentials."""

from collections.abc import Iterator
from typing import Any

from agent_factory.parts import Kept
from agent_factory.transport import PREFIX, Json


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

    def duplicate(self, id: str) -> Json:
        """Make a paused copy in your name."""
        return self.do(id, "duplicate")

    def calendar(self, first: str, *, days: int = 7, time_zone: str = "UTC", workflow_id: str = "") -> Iterator[Json]:
        """What came due on these days and what is to come."""
        return self._pages(f"{self._path}/calendar", {"first": first, "days": days, "time_zone": time_zone, "workflow_id": workflow_id})

    def describe(self, wording: str, time_zone: str = "UTC", **more: Any) -> Json:
        """How a timing is understood, and its next moments; nothing is saved."""
        return self._transport.call("POST", f"{self._path}/timing", body={"wording": wording, "time_zone": time_zone, **more})

    def why(self, id: str, moment: str) -> Json:
        """Why it ran at a moment such as 2026-03-31T09:00, did not, or will."""
        return self._transport.call("GET", f"{self._path}/{id}/why", query={"moment": moment})


class Webhooks(Paused):
    """Addresses that start workflows."""

    def create(self, workflow_id: str = "", **settings: Any) -> Json:
        """Make one; a signing secret is told this once."""
        return self._transport.call("POST", self._path, body={"workflow_id": workflow_id, "settings": settings})

    def rotate_secret(self, id: str) -> Json:
        """Another signing secret; the earlier one counts for a while."""
        return self.do(id, "rotate-secret")

    def revoke_secret(self, id: str, secret_id: str) -> Json:
        """End a replaced secret at once."""
        return self._transport.call("DELETE", f"{self._path}/{id}/secrets/{secret_id}")

    def rotate_address(self, id: str) -> Json:
        """Another address; the old one is gone at once."""
        return self.do(id, "rotate-address")

    def take_over(self, id: str) -> Json:
        """From now on its runs are started in your name."""
        return self.do(id, "take-over")

    def listen(self, id: str, *, starts_run: bool = False) -> Json:
        """Open the test address for five minutes or one request."""
        return self.do(id, "listening", {"starts_run": starts_run})

    def listening(self, id: str) -> Json:
        """Whether the test address is open, and what it caught."""
        return self._transport.call("GET", f"{self._path}/{id}/listening")

    def stop_listening(self, id: str) -> Json:
        """Close the test address."""
        return self._transport.call("DELETE", f"{self._path}/{id}/listening")

    def adopt_fields(self, id: str) -> "list[str]":
        """Add a field to the Start step for every name of the sample; returns the names that were added."""
        return self.do(id, "adopt-fields")["fields"]

    def use_as_sample(self, delivery_id: str) -> Json:
        """Make a request the sample that mappings are built on."""
        return self._transport.call("POST", f"{PREFIX}/deliveries/{delivery_id}/use-as-sample")

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

    def rotate_secret(self, id: str) -> Json:
        """Another signing secret, told this once; for a day messages are signed with both."""
        return self.do(id, "rotate-secret")

    def revoke_secret(self, id: str, secret_id: str) -> Json:
        """Stop signing with a replaced secret at once."""
        return self._transport.call("DELETE", f"{self._path}/{id}/secrets/{secret_id}")

    def replay_failed(self, id: str) -> int:
        """Send everything again that was given up; returns how many."""
        return self.do(id, "replay-failed")["count"]

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
