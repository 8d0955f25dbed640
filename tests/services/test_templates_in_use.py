"""What people paste into the templates on their first day gives what they would expect, with the demo models."""

from typing import Any

import pytest

from engine.json import JsonObject
from engine.run.events import EventType
from engine.spec.setup import RunSetup
from tests.support.template_runs import run_template

FEEDBACK = """The app crashes every time I open the camera.
Too expensive for what it does.
Three weeks for delivery and nobody answered my e-mails.
I love the new dashboard, so much faster than before!
Support was quick and friendly, thank you.
It would be great if I could export to Excel.
My parcel arrived damaged and two weeks late."""

NOTES = """Trade fair meeting, 12 March. Present: Nora, Paul, Sofia.
We decided to take the booth in hall 3. The budget stays at 4,000 euros. We go with the blue brochure.
Paul calls the printer by Wednesday; Sofia sends the price list to Nora.
Next meeting on 19 March."""

DOCUMENT = """The town library will move into the old tram depot on Canal Street in autumn 2027. The council voted 21 to 9 for the plan.

The conversion costs 6.8 million euros. The state pays 40 percent, and a foundation gives another 500,000 euros.

The new building has room for 120,000 books, twice as many as today. A reading garden and a workshop with 3D printers are planned.

Neighbours worry about traffic. The council promised a speed limit of 30 km/h and 80 places for bicycles.

The present building on Market Square is to be sold. Bids are accepted until 31 March."""

LEAD = (
    "Hi, we are a help desk team of 60 agents at Brightwater Ltd. We rather urgently need a new ticket system by 1 September "
    "and would like pricing and a demo. Our budget is €30,000 a year. Grace Hopper"
)

MATERIAL = (
    "Our vans drive 60 km a day. Diesel costs rose by 18 percent last year. The depot has 40 kW of spare power. "
    "Two competitors already advertise green delivery. Drivers fear that the range drops in winter."
)


async def run(key: str, **inputs: Any) -> Any:
    outcome, _ = await run_template(key, inputs)
    assert outcome.status == "succeeded", outcome.error
    return outcome.output


async def test_the_digest_hears_complaints_as_complaints() -> None:
    given = await run("feedback_digest", feedback=FEEDBACK)
    moods = [row["mood"] for row in given["rows"]]
    assert moods == ["negative", "negative", "negative", "positive", "positive", "neutral", "negative"]
    assert [row["topic"] for row in given["rows"]][:5] == ["quality", "price", "delivery", "usability", "support"]
    assert "Look at delivery first: 2 of 4 complaints are about it" in given["digest"]
    assert "The app crashes every time" in given["digest"]


async def test_a_digest_of_praise_says_that_nobody_complained() -> None:
    given = await run("feedback_digest", feedback="Great product, I love it.\nDelivery was fast.")
    assert given["moods"] == {"positive": 2, "neutral": 0, "negative": 0}
    assert "Nobody complained" in given["digest"]


async def test_minutes_tell_actions_from_decisions() -> None:
    given = await run("meeting_actions", notes=NOTES, needs_review=False)
    assert given["actions"] == ["Paul calls the printer by Wednesday.", "Sofia sends the price list to Nora."]
    assert given["decisions"] == [
        "We decided to take the booth in hall 3.",
        "The budget stays at 4,000 euros.",
        "We go with the blue brochure.",
    ]


async def test_notes_without_anything_to_do_name_nothing_to_do() -> None:
    given = await run("meeting_actions", notes="We had lunch together. The weather was fine.", needs_review=False)
    assert given["actions"] == []


async def test_a_summary_has_as_many_points_as_asked_for_from_the_whole_document() -> None:
    given = await run("document_summary", document=DOCUMENT, points=4)
    points = given["summary"].split("\n")
    assert len(points) == 4
    paragraphs = DOCUMENT.split("\n\n")
    sources = {next(i for i, text in enumerate(paragraphs) if point[2:].rstrip(".") in text) for point in points}
    assert len(sources) >= 3, given["summary"]


async def test_a_lead_is_answered_about_what_it_asked_and_nothing_is_looked_up() -> None:
    outcome, events = await run_template("lead_scoring", {"email": "grace@brightwater.example", "message": LEAD})
    given: Any = outcome.output
    assert given["score"] >= 60
    assert given["draft"].startswith("Hello Grace,")
    assert "9 euros per seat" in given["draft"]
    assert "exchange" not in given["draft"]
    assert not [event for event in events if event.type is EventType.NODE_FAILED]
    assert [event.node for event in events if event.type is EventType.NODE_SKIPPED][:1] == ["company"]


async def test_a_brief_looks_at_the_material_from_three_sides() -> None:
    given = await run("research_brief", topic="Electric delivery vans for a bakery chain", material=MATERIAL)
    parts = {part.split("\n")[0]: part for part in given["brief"].split("### ")[1:]}
    assert list(parts) == ["Market", "Technology", "Risks", "Open questions"]
    assert "competitors" in parts["Market"]
    assert "40 kW" in parts["Technology"]
    assert "fear" in parts["Risks"]
    lines = [line for line in given["brief"].split("\n") if line.startswith("- ")]
    assert len(lines) == len(set(lines)), "no point twice"


async def test_a_brief_without_material_claims_nothing() -> None:
    given = await run("research_brief", topic="A four-day week")
    assert "Nothing is known yet about a four-day week" in given["brief"]
    assert "### Open questions" in given["brief"]


@pytest.mark.parametrize(
    ("inputs", "greeting"),
    [
        ({"customer_name": "Ada Byron"}, "Hello Ada,"),
        ({"customer_name": ""}, "Hello,"),
        ({}, "Hello,"),
    ],
)
async def test_a_reply_greets_by_the_name_that_is_known(inputs: JsonObject, greeting: str) -> None:
    given = await run("customer_triage", question="How do I locate my card?", **inputs)
    assert given["reply"].split("\n")[0] == greeting


async def test_what_was_left_open_is_no_decision() -> None:
    notes = (
        "Bike shed: no decision yet. We decided to close the canteen at 2 pm. The date was not agreed. "
        "The decision about the roof was postponed."
    )
    given = await run("meeting_actions", notes=notes, needs_review=False)
    assert given["decisions"] == ["We decided to close the canteen at 2 pm."]


async def test_goods_that_are_late_are_no_card_and_urgent_when_needed_by_a_day() -> None:
    question = "Where is my package? The courier lost it and we must have it before Friday."
    outcome, _ = await run_template("customer_triage", {"question": question}, setup=RunSetup(is_dry=True))
    assert isinstance(outcome.output, dict)
    assert (outcome.output["category"], outcome.output["urgency"]) == ("delivery", "high")
    card = await run("customer_triage", question="My new card has not arrived yet.")
    assert card["category"] == "card_delivery"


async def test_who_a_lead_is_is_not_what_it_needs() -> None:
    message = "We are a hotel with 60 rooms. Our guests wait too long for answers. The contract with our agency ends in October."
    given = await run("lead_scoring", email="desk@hotel.example.com", message=message)
    assert "wait too long" in given["need"]
    assert {"is comparing", "is in a hurry"} <= set(given["reasons"])
