"""Who you are, your workspaces, and the people in the one you work in."""

from collections.abc import Iterator

from agent_factory.parts import Listed, Part
from agent_factory.transport import PREFIX, Json


class Me(Part):
    """The person who calls."""

    def show(self) -> Json:
        """Who this is to the API, and what it may do."""
        return self._transport.call("GET", self._path)

    def rename(self, name: str) -> Json:
        """Change your name."""
        return self._transport.call("PATCH", self._path, body={"name": name})

    def sessions(self) -> Iterator[Json]:
        """Where you are signed in, browsers and programs."""
        return self._pages(f"{self._path}/sessions", {})

    def end_session(self, session_id: str) -> Json:
        """End one of them."""
        return self._transport.call("DELETE", f"{self._path}/sessions/{session_id}")


class Workspaces(Listed):
    """Your workspaces."""

    def create(self, name: str) -> Json:
        """Create one that you own, and go on in it."""
        return self._transport.call("POST", self._path, body={"name": name})

    def rename(self, name: str) -> Json:
        """Rename the one you work in."""
        return self._transport.call("PATCH", f"{self._path}/current", body={"name": name})

    def use(self, id: str) -> Json:
        """Go on in another one; a key stays in its own."""
        return self.do(id, "select")


class Members(Listed):
    """Who belongs to the workspace."""

    def change_role(self, user_id: str, role: str) -> Json:
        """Give a member another role: owner, admin, member or viewer."""
        return self._transport.call("PATCH", f"{self._path}/{user_id}", body={"role": role})

    def remove(self, user_id: str, *, heir_id: str = "") -> Json:
        """Remove a member; the heir goes on with what runs in their name."""
        return self._transport.call("DELETE", f"{self._path}/{user_id}", query={"heir": heir_id})

    def invite(self, *emails: str, role: str = "member") -> Json:
        """Invite by e-mail; without an address a link is made, told this once."""
        return self._transport.call("POST", f"{PREFIX}/invitations", body={"emails": emails, "role": role})

    def invitations(self, *, only_open: bool = True) -> Iterator[Json]:
        """Invitations that nobody has accepted yet, or all."""
        return self._pages(f"{PREFIX}/invitations", {"only_open": only_open})

    def revoke_invitation(self, id: str) -> Json:
        """Take an invitation back."""
        return self._transport.call("DELETE", f"{PREFIX}/invitations/{id}")
