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

    def end_other_sessions(self) -> Json:
        """End all of them but this one."""
        return self._transport.call("DELETE", f"{self._path}/sessions")

    def letters(self) -> Json:
        """The kinds of letters about what you sell, and which of them you get."""
        return self._transport.call("GET", f"{self._path}/letters")

    def choose_letters(self, kind: str, is_on: bool) -> Json:
        """Get letters of a kind, or no more of them."""
        return self._transport.call("PUT", f"{self._path}/letters/{kind}", body={"is_on": is_on})

    def account(self) -> Json:
        """How your account is protected."""
        return self._transport.call("GET", f"{self._path}/account")

    def send_verification(self) -> Json:
        """Have the letter sent that confirms your address."""
        return self._transport.call("POST", f"{self._path}/verification")

    def begin_totp(self) -> Json:
        """A fresh secret for an authenticator app; it counts once it is confirmed."""
        return self._transport.call("POST", f"{self._path}/totp")

    def confirm_totp(self, code: str) -> "list[str]":
        """Turn two-factor sign-in on with the app's first code; returns the recovery codes, told this once."""
        return self._transport.call("POST", f"{self._path}/totp/confirm", body={"code": code})["codes"]

    def disable_totp(self, code: str) -> Json:
        """Turn it off with a code of the app or a recovery code."""
        return self._transport.call("POST", f"{self._path}/totp/disable", body={"code": code})

    def recovery_codes_left(self) -> int:
        """How many are unused."""
        return self._transport.call("GET", f"{self._path}/recovery-codes")["left"]

    def renew_recovery_codes(self, code: str) -> "list[str]":
        """Ten fresh ones for a code of the app, told this once."""
        return self._transport.call("POST", f"{self._path}/recovery-codes", body={"code": code})["codes"]

    def identities(self) -> Iterator[Json]:
        """Sign-ins elsewhere that open your account."""
        return self._pages(f"{self._path}/identities", {})

    def unlink(self, identity_id: str) -> Json:
        """Take one off."""
        return self._transport.call("DELETE", f"{self._path}/identities/{identity_id}")

    def deletion(self) -> Json:
        """What deleting your account would take with it, what stands in the way, and what will be asked for; changes nothing."""
        return self._transport.call("GET", f"{self._path}/deletion")

    def delete(self, *, email: str, password: str = "", code: str = "") -> Json:
        """Delete your account for good: its address, and what `deletion` says is asked for."""
        return self._transport.call("POST", f"{self._path}/delete", body={"email": email, "password": password, "code": code})


class Workspaces(Listed):
    """Your workspaces."""

    def create(self, name: str) -> Json:
        """Create one that you own, and go on in it."""
        return self._transport.call("POST", self._path, body={"name": name})

    def rename(self, name: str) -> Json:
        """Rename the one you work in."""
        return self._transport.call("PATCH", f"{self._path}/current", body={"name": name})

    def connections(self, search: str = "") -> "Iterator[Json]":
        """What the one you work in is connected to: model providers, saved keys, webhooks; for its owners also sign-ins and payouts."""
        return self._pages(f"{PREFIX}/connections", {"search": search})

    def use(self, id: str) -> Json:
        """Go on in another one; a key stays in its own."""
        return self.do(id, "select")

    def leave(self, id: str = "current", *, heir_id: str = "") -> Json:
        """Leave one; the heir gets what you own and what acts in your name."""
        return self.do(id, "leave", {"heir_id": heir_id})

    def hand_over(self, user_id: str) -> Json:
        """Make another member its owner and yourself an admin."""
        return self.do("current", "hand-over", {"user_id": user_id})

    def deletion(self, id: str = "current") -> Json:
        """What deleting one would take with it, what stands in the way, and what will be asked for; changes nothing."""
        return self._transport.call("GET", f"{self._path}/{id}/deletion")

    def delete(self, id: str, *, name: str, password: str = "", code: str = "") -> Json:
        """Delete one that you own: its name as it is, and what `deletion` says is asked for. It can be restored for some days."""
        return self.do(id, "delete", {"name": name, "password": password, "code": code})

    def deleted(self) -> "Iterator[Json]":
        """Those you belonged to that were deleted and are not destroyed yet."""
        return self._pages(f"{self._path}/deleted", {})

    def restore(self, id: str) -> Json:
        """Bring a deleted one back, and go on there."""
        return self.do(id, "restore")

    def invitation(self, token: str) -> Json:
        """What an invitation offers."""
        return self._transport.call("POST", f"{PREFIX}/invitations/show", body={"token": token})

    def join(self, token: str) -> Json:
        """Accept an invitation, and go on there."""
        return self._transport.call("POST", f"{PREFIX}/invitations/accept", body={"token": token})

    def decline(self, token: str) -> Json:
        """Turn an invitation down."""
        return self._transport.call("POST", f"{PREFIX}/invitations/decline", body={"token": token})


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

    def resend_invitation(self, id: str) -> Json:
        """Send one by e-mail again, with a fresh link."""
        return self._transport.call("POST", f"{PREFIX}/invitations/{id}/resend")

    def roles(self) -> Iterator[Json]:
        """What each role may do."""
        return self._pages(f"{PREFIX}/roles", {})
