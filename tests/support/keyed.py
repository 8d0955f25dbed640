"""A listing whose steps name credentials, and its next version, which names one more."""

from app.core.uow import UnitOfWork
from app.services.market.publishing import add_version, free_slug
from engine.blueprint.codec import decode
from models.listing import Listing

BLUEPRINT = """
apiVersion: agentfactory/v1
kind: Bundle
metadata: {name: Fetch, version: 1.0.0, description: Fetches a customer.}
workflows:
  fetch:
    name: Fetch
    nodes:
      start: {kind: start, position: [0, 100]}
      call: {kind: http, config: {url: 'https://api.example.com/one', credential: crm}, position: [320, 100]}
      end: {kind: end, position: [960, 100]}
    edges: [start -> call, call -> end]
"""


def make_keyed(uow: UnitOfWork, *, look: str = "open", name: str = "Fetch a customer") -> Listing:
    """A free listing of the actor's workspace with one request that carries `crm`."""
    listing = Listing(
        workspace_id=uow.workspace_id, slug=free_slug(uow, name), creator="Acme", currency="usd", fee_bps=2000, icon="workflow",
        name="", tagline="", category="",
    )  # fmt: skip
    _add(uow, listing, BLUEPRINT, name=name, version="1.0.0", look=look)
    return listing


def raise_version(uow: UnitOfWork, listing: Listing, *, also: str, look: str = "open") -> None:
    """Version 1.1.0, with a second request that carries another credential."""
    more = f"more: {{kind: http, config: {{url: 'https://api.example.com/two', credential: {also}}}, position: [640, 100]}}"
    text = BLUEPRINT.replace("      end:", f"      {more}\n      end:").replace("call -> end", "call -> more, more -> end")
    _add(uow, listing, text, name=listing.name, version="1.1.0", look=look)


def _add(uow: UnitOfWork, listing: Listing, text: str, *, name: str, version: str, look: str) -> None:
    wish = {
        "name": name, "tagline": "Fetches a customer", "description": "Fetches one customer from the system that keeps them. " * 3,
        "category": "sales", "price_cents": 0, "licence": "standard", "version": version, "changelog": "News.", "look": look,
    }  # fmt: skip
    add_version(uow, listing, decode(text), wish=wish, samples=[])
