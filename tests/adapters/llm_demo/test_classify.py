"""The demo classifier has to be useful: clearly better than chance on questions in people's own words."""

import pytest

from app.adapters.llm_demo.classify import Option, choose, option_words

BANKING = (
    "card_arrival", "exchange_rate", "lost_or_stolen_card", "declined_card_payment", "change_pin", "terminate_account", "top_up_failed",
    "transfer_fee_charged", "refund_not_showing_up", "verify_my_identity", "cash_withdrawal_charge", "card_swallowed", "age_limit",
    "pending_transfer", "transaction_charged_twice", "getting_virtual_card", "passcode_forgotten", "cancel_transfer", "atm_support",
    "contactless_not_working",
)  # fmt: skip

QUESTIONS = (
    ("I ordered a card two weeks ago and it still has not come", "card_arrival"),
    ("Any idea when the card I requested will arrive?", "card_arrival"),
    ("What rate do you use when I pay in dollars?", "exchange_rate"),
    ("How good are your currency conversion rates?", "exchange_rate"),
    ("My purse got stolen with the card in it", "lost_or_stolen_card"),
    ("I cannot find my card anywhere", "lost_or_stolen_card"),
    ("The shop says my card was refused", "declined_card_payment"),
    ("Why did my payment get rejected at the till?", "declined_card_payment"),
    ("I'd like a different PIN", "change_pin"),
    ("Please close my account for good", "terminate_account"),
    ("Delete my profile, I am leaving", "terminate_account"),
    ("Adding money did not work, the top-up failed", "top_up_failed"),
    ("There is a fee for sending money to my sister, why?", "transfer_fee_charged"),
    ("The store gave my money back but I don't see it", "refund_not_showing_up"),
    ("Which documents do you need to prove who I am?", "verify_my_identity"),
    ("Why did the cash machine cost me 2 euros?", "cash_withdrawal_charge"),
    ("The machine ate my card", "card_swallowed"),
    ("Can my 15 year old son open an account? How old must he be?", "age_limit"),
    ("My transfer has been in progress since Monday", "pending_transfer"),
    ("I was billed double for the same purchase", "transaction_charged_twice"),
    ("How do I obtain a virtual card?", "getting_virtual_card"),
    ("I don't remember my passcode any more", "passcode_forgotten"),
    ("I sent money to the wrong person, undo it please", "cancel_transfer"),
    ("Which cash machines can I use?", "atm_support"),
    ("Tapping to pay doesn't work", "contactless_not_working"),
)


def test_most_customer_questions_find_their_intent_among_twenty() -> None:
    options = [Option(value) for value in BANKING]
    right = sum(choose(text, options).option.value == intent for text, intent in QUESTIONS)
    assert right / len(QUESTIONS) >= 0.75, f"{right} of {len(QUESTIONS)}"


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("The app crashes when I open it", ("billing", "technical", "sales"), "technical"),
        ("Could I get a quote for 50 seats?", ("billing", "technical", "sales"), "sales"),
        ("My invoice is too high", ("billing", "technical", "sales"), "billing"),
        ("zzz qqq", ("billing", "technical", "other"), "other"),
    ],
)
def test_everyday_routing_works(text: str, options: tuple[str, ...], expected: str) -> None:
    assert choose(text, [Option(value) for value in options]).option.value == expected


def test_a_description_helps_a_label_that_says_nothing() -> None:
    options = [Option("A1", "questions about delivery and parcels"), Option("B2", "questions about invoices and payments")]
    assert choose("Where is my parcel?", options).option.value == "A1"


def test_the_same_text_always_gets_the_same_choice_with_a_reason() -> None:
    options = [Option(value) for value in BANKING]
    first, second = choose("Someone stole my card", options), choose("Someone stole my card", options)
    assert first == second
    assert first.because
    assert 0.5 <= first.confidence <= 1


@pytest.mark.parametrize(
    ("value", "words"), [("Refund_not_showing_up?", "refund not showing up"), ("cardArrival", "card arrival"), ("top-up", "top up")]
)
def test_labels_are_read_as_words(value: str, words: str) -> None:
    assert option_words(value) == words
