"""A seller and a buyer of a running site, each signed in, and a listing of the seller's that names a credential."""

import uuid

from sqlmodel import select

from app.core.config import read_settings
from app.core.uow import Actor, UnitOfWork
from app.services import accounts
from app.services.market.publishing import add_version, free_slug
from app.services.market.reviews import count_reviews
from app.wiring import Wiring, build_wiring
from engine.blueprint.codec import decode
from models.listing import Listing
from models.review import Review
from models.workspace import Role
from tests.support.people import make_member
from tests.support.site import Site

BLUEPRINT = """
apiVersion: agentfactory/v1
kind: Bundle
metadata: {name: Greeter, version: 1.0.0, description: Greets customers.}
workflows:
  greet:
    name: Greeter
    nodes:
      start: {kind: start, config: {fields: [{name: customer, type: text, title: Customer, example: Ada}]}, position: [0, 100]}
      known: {kind: condition, config: {cases: [{id: known, condition: inputs.customer == 'known'}]}, position: [320, 100]}
      look_up: {kind: http, config: {url: 'https://api.example.com/customers', credential: crm}, position: [640, 0]}
      end: {kind: end, config: {output: 'Welcome, {{ inputs.customer }}!'}, position: [960, 100]}
    edges: [start -> known, known.known -> look_up, look_up -> end, known.otherwise -> end]
"""


class Shopkeeper:
    """Two people of two workspaces; `name` is the listing's, which no other test has."""

    def __init__(self, site: Site) -> None:
        self._wiring: Wiring = build_wiring(read_settings({"AF_DATA_DIR": str(site.data_dir), "AF_PORT": str(site.port)}))
        self.name = f"Greeter {uuid.uuid4().hex[:8]}"
        with self._wiring.unit() as uow:
            seller, buyer = (make_member(uow, Role.OWNER, name=name) for name in ("Sal Seller", "Bea Buyer"))
            self.slug = self._offer(uow, seller)
            self.seller_cookie, self.buyer_cookie = (self._sign_in(uow, one) for one in (seller, buyer))

    def close(self) -> None:
        """Give connections back."""
        self._wiring.database.dispose()

    def review(self, stars: int, text: str) -> None:
        """What a third person says of the listing; `author_cookie` is theirs."""
        with self._wiring.unit() as uow:
            author = make_member(uow, Role.OWNER, name="Rae Reviewer")
            listing = uow.session.exec(select(Listing).where(Listing.slug == self.slug)).one()
            said = Review(
                workspace_id=author.workspace_id, listing_id=listing.id, author_id=author.user_id, author="Rae Reviewer", stars=stars,
                text=text, version="1.0.0",
            )  # fmt: skip
            uow.session.add(said)
            uow.session.flush()
            count_reviews(uow, listing)
            self.author_cookie = self._sign_in(uow, author)

    def _offer(self, uow: UnitOfWork, seller: Actor) -> str:
        uow.actor = seller
        listing = Listing(
            workspace_id=seller.workspace_id, slug=free_slug(uow, self.name), creator="Sal's shop", currency="usd", fee_bps=2000,
            icon="workflow", name="", tagline="", category="",
        )  # fmt: skip
        wish = {
            "name": self.name, "tagline": "Greets customers by name", "description": "Greets each customer by name, at once. " * 3,
            "category": "sales", "price_cents": 1900, "licence": "standard", "version": "1.0.0", "changelog": "First.",
        }  # fmt: skip
        add_version(uow, listing, decode(BLUEPRINT), wish=wish, samples=[])
        return listing.slug

    def _sign_in(self, uow: UnitOfWork, actor: Actor) -> str:
        return accounts.open_session(uow, credentials=accounts.Credentials(user_id=actor.user_id, password_hash="")).token
