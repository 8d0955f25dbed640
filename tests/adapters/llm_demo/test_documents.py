"""What the demo models read in invoices and contracts, and how they write from facts: nothing is guessed, nothing is added."""

import json
from typing import Any

import pytest

from app.adapters.llm_demo import documents, facts
from app.adapters.llm_demo.concepts import mood
from app.adapters.llm_demo.model import DemoLanguageModel
from engine.ports import Message, ModelRequest


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,250.50", 1250.5), ("1.250,50", 1250.5), ("340,00", 340.0), ("1 250,50", 1250.5), ("1'250.50", 1250.5), ("1.234.567", 1234567),
     ("12.5", 12.5), ("1,250", 1250)],
)  # fmt: skip
def test_figures_are_read_as_they_are_written_in_each_country(text: str, value: float) -> None:
    assert facts.to_number(text) == value
    assert facts.numbers(f"It is {text} in all") == [value]


@pytest.mark.parametrize(
    ("invoice", "sums"),
    [
        ("Net: EUR 340,00\nVAT 19%: EUR 64,60\nTotal: EUR 404,60", (340.0, 64.6, 404.6)),
        ("Tax invoice INV-9921\nSubtotal $1,200.00\nGST (10%) $120.00\nAmount due $1,320.00\nPayable within 14 days", (1200, 120, 1320)),
        ("Netto 1.000,00 EUR USt 19% 190,00 EUR Gesamtbetrag 1.190,00 EUR", (1000, 190, 1190)),
        ("VAT no. 123456\nTotal: 120.00", (None, None, 120)),
        ("Please pay us soon", (None, None, None)),
    ],
)
def test_the_sums_of_an_invoice_are_found_by_their_words_or_not_at_all(invoice: str, sums: tuple[float | None, ...]) -> None:
    assert tuple(documents.named_sum(kind, invoice) for kind in ("net", "tax", "total")) == sums


def test_a_supplier_is_a_name_and_no_heading() -> None:
    assert documents.supplier("INVOICE No. 2026/117\nKoch & Sohn GmbH\nNet 1,00") == "Koch & Sohn GmbH"
    assert documents.supplier("Please pay us soon") == ""
    assert documents.number_called({"invoice"}, "INVOICE No. 2026/117") == "2026/117"


def test_a_date_belongs_to_the_word_before_it() -> None:
    contract = "Made on 5 May 2026, commencing 1 June 2026 and ending on 31.05.2028, with sixty (60) days' notice."
    assert (documents.date_called("start", contract), documents.date_called("end", contract)) == ("2026-06-01", "2028-05-31")
    assert documents.date_called("end", "It starts on 1 June 2026.") == ""
    assert documents.duration("notice", "days", contract) == 60
    assert documents.duration("notice", "months", contract) is None
    assert documents.duration("term", "months", "It runs for a fixed term of two years.") == 24


def test_what_is_not_bad_is_no_complaint() -> None:
    assert mood("I don't hate it") == "neutral"
    assert mood("I hate it") == "negative"
    assert mood("No problems, great work") == "positive"


async def said(user: str, *, system: str = "", name: str = "demo/writer", schema: dict[str, Any] | None = None) -> str:
    request = ModelRequest(name, (Message("system", system), Message("user", user)), response_schema=schema)
    return (await DemoLanguageModel(tokens_per_s=0).complete(request)).text


async def test_a_letter_from_facts_says_them_all_and_nothing_else() -> None:
    asked = "Write a letter to Mara Lind. Sign as Jon Reyes.\n\n<facts>\n- we offer 4 seats.\n- it costs USD 120.00 a month\n</facts>"
    assert await said(asked) == "Hello Mara Lind,\n\nWe offer 4 seats. It costs USD 120.00 a month.\n\nKind regards,\nJon Reyes"


async def test_an_update_from_facts_has_no_greeting() -> None:
    asked = "Write a status update.\n\n<facts>\n- Checkout is down.\n- We are looking into it.\n</facts>"
    assert await said(asked) == "Checkout is down. We are looking into it."


async def test_nothing_is_said_for_a_field_that_may_stay_empty() -> None:
    schema = {
        "type": "object",
        "properties": {"seats": {"type": ["number", "null"]}, "contact": {"type": ["string", "null"]}},
        "required": ["seats", "contact"],
    }
    assert json.loads(await said("They called about 3 things.", name="demo/extractor", schema=schema)) == {"seats": None, "contact": None}


async def test_the_instructions_say_what_to_choose_otherwise() -> None:
    schema = {"type": "object", "properties": {"intent": {"enum": ["buy", "learn"]}}, "required": ["intent"]}
    orders = "Fill in the fields.\n\n- intent: buy if they want to buy soon, else learn"
    for text, intent in [
        ("Just a student doing homework.", "learn"),
        ("We want to buy 10 seats.", "buy"),
        ("Not interested in buying.", "learn"),
    ]:
        assert json.loads(await said(text, system=orders, name="demo/classifier", schema=schema)) == {"intent": intent}
