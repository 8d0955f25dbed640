"""What a workspace has for itself: its own sign-in provider, its plan and invoices, and what it buys on the marketplace."""

from collections.abc import Iterator
from typing import Any

from agent_factory.parts import Listed, Part, Read
from agent_factory.transport import PREFIX, Json


class SignIn(Part):
    """The OpenID Connect provider of the workspace's people."""

    def show(self) -> Json | None:
        """How it is set up, if it is."""
        return self._transport.call("GET", self._path)

    def save(self, **fields: object) -> Json:
        """Set it up or change it; without a secret the saved one stays."""
        return self._transport.call("PUT", self._path, body=fields)

    def remove(self) -> Json:
        """Take it off; sessions that it opened end."""
        return self._transport.call("DELETE", self._path)

    def test(self) -> Json:
        """Ask the provider for what signing in needs."""
        return self._transport.call("POST", f"{self._path}/test")

    def require(self, is_required: bool) -> Json:
        """Let members in by it alone, or by their own ways, too."""
        return self._transport.call("PUT", f"{self._path}/required", body={"is_required": is_required})

    def add_domain(self, domain: str) -> Json:
        """Note a domain; the answer tells the TXT record that proves it."""
        return self._transport.call("POST", f"{self._path}/domains", body={"domain": domain})

    def confirm_domain(self, domain: str) -> Json:
        """Look for the record in the DNS."""
        return self.do("domains", f"{domain}/confirm")

    def remove_domain(self, domain: str) -> Json:
        """Give a domain up."""
        return self._transport.call("DELETE", f"{self._path}/domains/{domain}")


class Billing(Part):
    """What the workspace may do, and what it pays for that."""

    def show(self) -> Json:
        """The plan, what of it is used, and what is paid for it."""
        return self._transport.call("GET", self._path)

    def preview(self, plan: str) -> Json:
        """What going over to a plan costs at once and later; changes nothing."""
        return self._transport.call("GET", f"{self._path}/preview", query={"plan": plan})

    def order(self, plan: str, *, seen_cents: int) -> Json:
        """Order a plan at the price that was seen; `next` is where it is paid."""
        return self._transport.call("POST", f"{self._path}/order", body={"plan": plan, "seen_cents": seen_cents})

    def change(self, plan: str, *, seen_cents: int, at: str) -> Json:
        """Change it as the preview told: the same price, worked out for the same moment."""
        return self._transport.call("POST", f"{self._path}/change", body={"plan": plan, "seen_cents": seen_cents, "at": at})

    def invoices(self) -> Iterator[Json]:
        """Invoices, the newest first."""
        return self._pages(f"{PREFIX}/invoices", {})

    def invoice(self, invoice_id: str) -> Json:
        """One with its lines."""
        return self._transport.call("GET", f"{PREFIX}/invoices/{invoice_id}")

    def document(self, invoice_id: str) -> str:
        """One as a page to print or keep, in HTML."""
        return self._transport.text(f"{PREFIX}/invoices/{invoice_id}/document")


class Purchases(Read):
    """What the workspace buys on the marketplace, once or by the month."""

    def quote(self, slug: str, *, coupon: str = "") -> Json:
        """What a listing costs with a coupon; nothing is ordered."""
        return self._transport.call("POST", f"{self._path}/quote", body={"slug": slug, "coupon": coupon})

    def buy(self, slug: str, *, seen_cents: int, seen_billing: str = "once", coupon: str = "") -> Json:
        """Order a listing at the sum that was seen, `once` or by the `month`; `next` is where it is paid."""
        body = {"slug": slug, "seen_cents": seen_cents, "seen_billing": seen_billing, "coupon": coupon}
        return self._transport.call("POST", self._path, body=body)

    def refund(self, order_id: str) -> Json:
        """Take it back within the window; of a monthly one the newest month, which ends it."""
        return self.do(order_id, "refund")

    def cancel(self, order_id: str) -> Json:
        """Let a monthly one end with the month that is paid."""
        return self.do(order_id, "cancel")

    def keep(self, order_id: str) -> Json:
        """Take that back while the month lasts."""
        return self.do(order_id, "keep")


class Coupons(Listed):
    """Codes for the workspace's own listings."""

    def create(self, code: str, *, kind: str, value: str, listing: str = "", **fields: Any) -> Json:
        """Make one: `kind` is percent or amount, `value` its number as text; without `listing` it counts for all."""
        return self._transport.call("POST", self._path, body={"code": code, "kind": kind, "value": value, "listing": listing, **fields})

    def update(self, coupon_id: str, **fields: Any) -> Json:
        """Change `is_active`, `most_uses` or `expires_at`; those left out stay."""
        return self._transport.call("PATCH", f"{self._path}/{coupon_id}", body=fields)


class Receipts(Read):
    """Receipts and credit notes of single orders."""

    def document(self, receipt_id: str) -> str:
        """One as a page to print or keep, in HTML."""
        return self._transport.text(f"{self._path}/{receipt_id}/document")
