"""What plans and listings cost a month at the gateway: each price has a key with its amount, so that a changed price is another one."""

import re

from app.core.money import CURRENCY
from app.core.subscriptions import Price
from app.services.plans.catalogue import PLANS, Plan
from models.listing import Listing

_KEY = re.compile(r"plan-([a-z]{1,16})-(\d{1,9})")


def price_of(plan: Plan) -> Price:
    """A plan's price as it is now; only for plans that cost something."""
    assert plan.price_cents
    return Price(f"plan-{plan.key}-{plan.price_cents}", f"Plan {plan.name}", plan.price_cents, CURRENCY)


def price_of_listing(listing: Listing) -> Price:
    """A month of a listing as it is offered now."""
    return Price(f"listing-{listing.id.hex}-{listing.price_cents}", listing.name, listing.price_cents, listing.currency)


def read_price_key(price_key: str) -> Price | None:
    """The price that a key names, also one that is not asked any more."""
    match = _KEY.fullmatch(price_key)
    plan = PLANS.get(match[1]) if match else None
    return Price(price_key, f"Plan {plan.name}", int(match[2]), CURRENCY) if match and plan else None


def plan_of_price(price_key: str) -> Plan | None:
    """The plan that is paid with it."""
    match = _KEY.fullmatch(price_key)
    return PLANS.get(match[1]) if match else None
