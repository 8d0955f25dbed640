"""How the page of usage tells what was used."""

from datetime import date

from app.views.usage import UsageLine, UsageSummary
from pages.settings.usage_state import UsedItem, UsedTotal, present, total_of

LINE = UsageLine("0198c3f0-aaaa-7bbb-8ccc-dddddddddddd", "Triage", 1200, 34_000, 560, 1_250_000)


def test_a_workflow_leads_to_itself_and_a_model_nowhere() -> None:
    shown = present(LINE, is_workflow=True)
    assert shown == UsedItem("Triage", "1,200", "34,000", "560", "$1.25", f"/workflows/{LINE.id}")
    assert present(LINE, is_workflow=False).href == ""


def test_what_belongs_to_no_workflow_has_a_name_and_no_link() -> None:
    shown = present(UsageLine("", "", 1, 2, 3, 0), is_workflow=True)
    assert (shown.name, shown.href, shown.cost) == ("Chats and trials", "", "$0")


def test_the_total_counts_runs_by_how_they_ended() -> None:
    found = UsageSummary(date(2026, 3, 1), date(2026, 3, 30), LINE, (), (), {"queued": 3, "failed": 2, "succeeded": 1000})
    assert total_of(found) == UsedTotal(
        "1 Mar 2026 to 30 Mar 2026, in UTC", "1,200", "34,560", "$1.25", "1,005", "1,000 succeeded, 2 failed, 3 queued"
    )
    unused = UsageSummary(date(2026, 3, 1), date(2026, 3, 30), UsageLine("", "", 0, 0, 0, 0), (), (), {})
    assert total_of(unused).ended == "none in this period"
