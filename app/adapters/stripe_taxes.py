"""What Stripe's Checkout asks about taxes as the operator has chosen, and what the buyer answered."""

from typing import Any

from app.core.payments import TaxSettings

PARTS = ("line1", "line2", "postal_code", "city", "state", "country")


def behaviour(taxes: TaxSettings) -> str:
    """Whether prices include the tax."""
    return "inclusive" if taxes.is_inclusive else "exclusive"


def tax_fields(taxes: TaxSettings) -> dict[str, Any]:
    """The parameters of a Checkout session; nothing where nothing was chosen."""
    fields: dict[str, Any] = {"automatic_tax": {"enabled": True}} if taxes.is_on else {}
    if taxes.collects_ids:
        fields["tax_id_collection"] = {"enabled": True}
    if taxes.wants_address:
        fields["billing_address_collection"] = "required"
    return fields


def billed_to(details: Any, *, prefix: str = "") -> str:
    """Name, address and tax numbers as the buyer gave them, one a line: of a session's customer, or of an invoice (`customer_`)."""
    address, tax_ids = getattr(details, f"{prefix}address", None), getattr(details, f"{prefix}tax_ids", None)
    parts = [getattr(address, part, None) for part in PARTS] if address else []
    numbers = [getattr(one, "value", None) for one in tax_ids or ()]
    lines = [getattr(details, f"{prefix}name", None), ", ".join(part for part in parts if part), *numbers]
    return "\n".join(line for line in lines if line)
