"""Which test holds which case about money, webhooks and packages, and the cases that had none of their own.

The ids are those of the catalogue that tests/attacks/test_cases.py names: M money, H webhooks, F files and imports.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import select

from app import checkout
from app.core.errors import AppError
from app.core.uow import UnitOfWork
from app.services.market import get_listing, install_listing, set_listing_price
from app.services.payments import start_payout
from app.services.payments.ledger import IN_TRANSIT, Pair, Source, balance, book, creator_account
from app.wiring import Wiring
from models.purchase import PaymentEvent, Payout
from models.workspace import Role
from tests.support.market import make_listing, make_payout_account, owed, till
from tests.support.people import make_member
from tests.support.source import suite_files

SHOP, BILLS = "api/test_payments", "api/test_billing"
MACHINE, LEDGER = "services/payments/test_money_machine", "services/payments/test_ledger"
GATEWAYS, TAXES, COUPONS = "adapters/test_payments", "services/payments/test_taxes", "services/coupons/test_coupons"
RECEIVING, SENDING, HOOKS = "services/webhooks/test_receiving", "jobs/test_outgoing", "api/test_hooks"
INSTALLING, UPDATING, REVIEWS = (f"services/market/test_{name}" for name in ("installing", "updating", "reviews"))
BLUEPRINTS, PUBLISHING, PLANS = "services/test_blueprints", "services/market/test_publishing", "services/plans/test_plans"
HERE = "attacks/test_money_cases"

CASES: dict[str, tuple[str, ...]] = {
    "M01 price and coupon of the client": (
        f"{SHOP}::test_a_price_the_client_names_never_counts",
        f"{COUPONS}::test_the_price_that_is_sent_is_only_compared",
        f"{COUPONS}::test_a_wrong_code_is_refused_at_its_field",
        f"{COUPONS}::test_who_guesses_learns_of_no_code_that_it_exists",
        "core/test_money::test_what_is_no_price_is_refused_at_its_field",
    ),
    "M02 price edited before the payment": (
        f"{SHOP}::test_the_price_of_an_order_stands_and_a_changed_one_is_told",
        f"{COUPONS}::test_an_order_keeps_the_discount_that_it_was_placed_with",
    ),
    "M03 double clicks and events": (
        f"{SHOP}::test_two_tabs_and_a_double_click_make_one_order",
        f"{SHOP}::test_replayed_and_repeated_events_settle_once",
        f"{COUPONS}::test_one_buyer_in_many_tabs_holds_one_use",
        f"{LEDGER}::test_a_fact_is_booked_once_per_kind",
        "services/payments/test_documents::test_an_order_gets_one_receipt_however_often_its_news_comes",
    ),
    "M04 coming back unpaid": (f"{SHOP}::test_coming_back_without_paying_gives_nothing",),
    "M05 orders of others": (
        f"{SHOP}::test_nobody_pays_or_takes_back_somebody_elses_order",
        f"{SHOP}::test_a_session_with_another_amount_or_for_another_order_settles_nothing",
        f"{TAXES}::test_a_payment_over_another_sum_settles_nothing",
    ),
    "M06 buying from oneself": (f"{SHOP}::test_a_sellers_people_never_buy_from_themselves",),
    "M07 the split": (
        "core/test_money::test_the_platform_takes_a_fifth_rounded_down",
        "core/test_money::test_the_parts_sum_to_the_whole",
        "services/payments/test_reporting::test_orders_keep_the_part_of_their_moment",
    ),
    "M08 refunds and disputes": (
        f"{MACHINE}::test_the_books_are_right_in_every_interleaving",
        f"{SHOP}::test_a_refund_returns_every_cent_once_and_the_right_with_it",
        f"{SHOP}::test_a_dispute_takes_the_money_and_a_won_one_brings_it_back",
        f"{SHOP}::test_a_lost_dispute_ends_the_right",
        "services/subscriptions/test_lost_disputes::test_a_lost_dispute_ends_the_renewals",
        f"{TAXES}::test_partial_refunds_and_disputes_return_the_taxes_part_exactly",
    ),
    "M09 payouts at once": (
        f"{HERE}::test_of_many_payouts_at_once_one_leaves",
        f"{SHOP}::test_a_creator_is_paid_out_once_after_the_hold",
        "services/payments/test_banking::test_a_failed_payout_is_told_once_and_shown_until_it_is_sent_again",
    ),
    "M10 free to paid, and takedown": (
        f"{HERE}::test_who_installed_it_for_nothing_keeps_it_when_it_gets_a_price",
        f"{SHOP}::test_buyers_keep_what_is_taken_off_the_shelf",
    ),
    "M11 reviews": (
        f"{REVIEWS}::test_stars_are_one_to_five",
        f"{REVIEWS}::test_who_has_not_run_it_to_the_end_does_not_review_it",
        f"{REVIEWS}::test_the_seller_reviews_nothing_of_their_own_from_any_workspace",
        f"{REVIEWS}::test_after_a_refund_there_is_no_review",
    ),
    "M12 the last task": (f"{PLANS}::test_fifty_starts_at_once_with_one_task_left_give_exactly_one_run",),
    "M12 the last use of a coupon": (f"{COUPONS}::test_of_fifty_buyers_at_once_one_gets_the_last_use",),
    "M13 work counted once": (
        f"{PLANS}::test_one_piece_of_work_counts_once_however_often_it_is_asked_for_or_retried",
        f"{PLANS}::test_trying_out_is_no_task",
    ),
    "M15 versions stay, permissions are asked": (
        f"{INSTALLING}::test_a_published_version_is_never_changed",
        f"{UPDATING}::test_the_plan_says_what_changes_and_what_it_newly_may",
        f"{UPDATING}::test_only_what_was_shown_is_brought_in",
    ),
    "H01 own webhooks": (
        f"{RECEIVING}::test_every_way_of_tampering_is_refused",
        f"{RECEIVING}::test_a_key_of_another_workspace_signs_nothing_here",
        f"{RECEIVING}::test_a_replayed_message_starts_nothing",
        f"{RECEIVING}::test_a_header_that_comes_twice_is_refused",
        "attacks/test_hooks_wire::test_a_hundred_megabytes_are_refused_without_being_taken_in",
    ),
    "H02 the gateway's webhook": (
        f"{SHOP}::test_an_unsigned_event_settles_nothing",
        f"{GATEWAYS}::test_an_event_is_refused_when_anything_of_it_is_wrong",
        f"{GATEWAYS}::test_live_and_connected_account_events_do_not_count_here",
        "services/payments/test_banking::test_events_of_creators_accounts_settle_nothing",
        f"{HERE}::test_an_event_of_an_unknown_kind_is_kept_and_changes_nothing",
        f"{BILLS}::test_through_stripe_only_its_signed_news_counts",
    ),
    "H03 H04 closed and guessed addresses": (f"{HOOKS}::test_every_closed_address_answers_with_the_same_bytes",),
    "H05 redirects": (f"{SENDING}::test_redirects_are_not_followed_so_the_signature_stays_here",),
    "F05 packages with secrets and triggers": (
        f"{BLUEPRINTS}::test_keys_are_taken_out_of_an_export_and_told",
        f"{BLUEPRINTS}::test_an_export_names_nothing_of_the_workspace",
        f"{BLUEPRINTS}::test_triggers_come_along_paused_without_addresses_and_secrets",
        f"{PUBLISHING}::test_a_key_in_the_workflow_is_found_and_named",
        f"{PUBLISHING}::test_a_listing_holds_no_triggers_of_its_seller",
    ),
    "F06 importing runs nothing": (
        f"{BLUEPRINTS}::test_a_preview_tells_everything_and_changes_nothing",
        f"{INSTALLING}::test_the_permission_screen_changes_nothing",
        f"{INSTALLING}::test_a_version_whose_permissions_nobody_saw_is_not_installed",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_tests_that_are_there(case: str) -> None:
    known = {f"{file.name.removeprefix('tests/').removesuffix('.py')}::{name}" for file in suite_files() for name, _ in file.functions()}
    assert CASES[case]
    assert [test for test in CASES[case] if test not in known] == []


def test_of_many_payouts_at_once_one_leaves(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        owner = make_member(uow, Role.OWNER)
        make_payout_account(uow, owner.workspace_id)
        book(uow, Source("purchase:x", "usd", "test"), [Pair("sale_creator", "gateway", creator_account(owner.workspace_id), 5_000)])

    def ask(_: int) -> str:
        try:
            with wiring.unit(owner) as uow:
                return str(start_payout(uow).payout_id)
        except AppError as refused:
            return refused.error_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(20)))
    with wiring.unit(write=False) as uow:
        (row,) = uow.session.exec(select(Payout)).all()
        assert sorted(set(answers) - {str(row.id)}) in (
            ["payout_under_way"],
            ["nothing_to_pay_out"],
            ["nothing_to_pay_out", "payout_under_way"],
        )
        assert answers.count(str(row.id)) == 1
        assert (row.amount_cents, owed(uow, owner.workspace_id), balance(uow, IN_TRANSIT, mode="test")) == (5_000, 0, 5_000)


def test_who_installed_it_for_nothing_keeps_it_when_it_gets_a_price(uow: UnitOfWork) -> None:
    uow.actor = seller = make_member(uow, Role.OWNER)
    slug = make_listing(uow).slug
    uow.actor = early = make_member(uow)
    install_listing(uow, slug=slug, version="1.0.0")
    uow.actor = seller
    set_listing_price(uow, slug=slug, price="19.99")
    uow.actor = early
    assert get_listing(uow, slug=slug).access == "installed"
    uow.actor = make_member(uow)
    assert get_listing(uow, slug=slug).access == "for_sale"


@pytest.mark.parametrize("kind", ["price.created", "", "checkout.session.completed.v2", "x" * 200])
def test_an_event_of_an_unknown_kind_is_kept_and_changes_nothing(wiring: Wiring, kind: str) -> None:
    with wiring.unit() as uow:
        gateway: Any = till(uow)
    body, signature = gateway.event(kind, "po_unknown")
    assert checkout.deliver(wiring, body=body, signature=signature)
    assert not checkout.deliver(wiring, body=body, signature=signature)
    with wiring.unit(write=False) as uow:
        assert len(uow.session.exec(select(PaymentEvent)).all()) == 1
        assert balance(uow, "gateway", mode="test") == 0
