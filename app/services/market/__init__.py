"""The marketplace: finding listings, their pages, installing, publishing."""

from app.services.market.addresses import get_address_parts, list_addresses
from app.services.market.bookings import list_bookings
from app.services.market.browsing import find_listings, get_listing_count, list_categories, list_shelves
from app.services.market.catalogue import seed_market
from app.services.market.creators import get_creator
from app.services.market.fees import list_listing_fees, set_listing_fee
from app.services.market.hidden import appeal_review
from app.services.market.installing import install_listing, plan_install
from app.services.market.mapping import CredentialDoesNotFit, choose_credentials, get_credential_asks
from app.services.market.moderating import appeal_case, approve_case, refuse_case, take_listing_down
from app.services.market.pictures import add_picture, get_picture
from app.services.market.profiles import clear_creator_profile, get_creator_profile, set_creator_profile
from app.services.market.publishing import publish_listing, relist_listing, set_listing_price, start_publishing, unlist_listing
from app.services.market.queue import get_case, get_desk, list_cases
from app.services.market.reading import get_listing, note_view
from app.services.market.reported import (
    dismiss_reports,
    hide_reported_review,
    keep_review_hidden,
    list_reported_reviews,
    show_hidden_review,
)
from app.services.market.reviews import GROUNDS, delete_review, get_reviews, reply_review, report_review, vote_review, write_review
from app.services.market.sales import export_sales, get_revenue
from app.services.market.selling import get_earnings, list_offerable
from app.services.market.trying import get_trial, start_trial
from app.services.market.updating import plan_update, update_install

__all__ = [
    "GROUNDS",
    "CredentialDoesNotFit",
    "add_picture",
    "appeal_case",
    "appeal_review",
    "approve_case",
    "choose_credentials",
    "clear_creator_profile",
    "delete_review",
    "dismiss_reports",
    "export_sales",
    "find_listings",
    "get_address_parts",
    "get_case",
    "get_creator",
    "get_creator_profile",
    "get_credential_asks",
    "get_desk",
    "get_earnings",
    "get_listing",
    "get_listing_count",
    "get_picture",
    "get_revenue",
    "get_reviews",
    "get_trial",
    "hide_reported_review",
    "install_listing",
    "keep_review_hidden",
    "list_addresses",
    "list_bookings",
    "list_cases",
    "list_categories",
    "list_listing_fees",
    "list_offerable",
    "list_reported_reviews",
    "list_shelves",
    "note_view",
    "plan_install",
    "plan_update",
    "publish_listing",
    "refuse_case",
    "relist_listing",
    "reply_review",
    "report_review",
    "seed_market",
    "set_creator_profile",
    "set_listing_fee",
    "set_listing_price",
    "show_hidden_review",
    "start_publishing",
    "start_trial",
    "take_listing_down",
    "unlist_listing",
    "update_install",
    "vote_review",
    "write_review",
]
