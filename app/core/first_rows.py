"""What every installation starts with, by name: light enough to be compared with a database at each start."""

import uuid
from dataclasses import dataclass

DEMO_EMAIL = "demo@agentfactory.local"
EXAMPLE_RUN = "the-example-run"  # the idempotency key of the demo workspace's first run, which nobody there started
OFFICIAL = uuid.UUID("00000000-0000-7000-8000-00000000a9f0")  # the workspace whose listings these are


@dataclass(frozen=True, slots=True)
class Offer:
    """One listing; its texts stand in the blueprint and in `app/catalogue/about.json`."""

    key: str
    category: str
    price_cents: int = 0
    is_featured: bool = False
    is_monthly: bool = False
    version: str = "1.1.0"  # of its blueprint: an installation that shows an older one gets this one beside it

    @property
    def slug(self) -> str:
        """Its address."""
        return self.key.replace("_", "-")


OFFERS: tuple[Offer, ...] = (
    Offer("customer_triage", "support", is_featured=True),
    Offer("feedback_digest", "support", version="1.2.0"),
    Offer("refund_decider", "support", 1900),
    Offer("research_brief", "research", is_featured=True, version="1.2.0"),
    Offer("document_summary", "research", version="1.0.0"),
    Offer("source_comparer", "research", 900, is_monthly=True, version="1.2.0"),
    Offer("lead_scoring", "sales", version="1.2.0"),
    Offer("proposal_writer", "sales", 2900, is_featured=True),
    Offer("objection_replies", "sales", version="1.2.0"),
    Offer("meeting_actions", "operations", version="1.2.0"),
    Offer("invoice_check", "operations", 1900),
    Offer("contract_dates", "operations", 900),
    Offer("quiz_maker", "education"),
    Offer("essay_feedback", "education"),
    Offer("study_plan", "education", 500),
    Offer("incident_triage", "engineering", is_featured=True),
    Offer("release_notes", "engineering"),
    Offer("log_summary", "engineering", 900),
)
