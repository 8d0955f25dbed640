"""The marketplace: finding listings, their pages, installing, publishing."""

from app.services.market.browsing import find_listings, list_categories, list_shelves
from app.services.market.catalogue import seed_market
from app.services.market.installing import install_listing, plan_install
from app.services.market.publishing import publish_listing, relist_listing, set_listing_price, start_publishing, unlist_listing
from app.services.market.reading import get_listing, note_view
from app.services.market.reviews import get_reviews, reply_review, report_review, vote_review, write_review
from app.services.market.selling import get_earnings

__all__ = [
    "find_listings",
    "get_earnings",
    "get_listing",
    "get_reviews",
    "install_listing",
    "list_categories",
    "list_shelves",
    "note_view",
    "plan_install",
    "publish_listing",
    "relist_listing",
    "reply_review",
    "report_review",
    "seed_market",
    "set_listing_price",
    "start_publishing",
    "unlist_listing",
    "vote_review",
    "write_review",
]
