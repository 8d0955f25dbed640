"""The demo models as the picker lists them; the catalogue and the demo adapter read this one list."""

from app.core.ports import ModelCard

DEMO_CONTEXT_TOKENS = 32_000


def _card(name: str, label: str, description: str) -> ModelCard:
    return ModelCard(f"demo/{name}", label, "demo", DEMO_CONTEXT_TOKENS, 0, 0, is_demo=True, description=description)


DEMO_CARDS = (
    _card("assistant", "Demo assistant", "Answers, summarises and uses tools by fixed rules. Free, offline, no key needed."),
    _card("classifier", "Demo classifier", "Sorts a text into the options that the instructions or the output fields list."),
    _card("extractor", "Demo extractor", "Fills in output fields from a text: names, e-mails, dates, amounts, yes or no."),
    _card("researcher", "Demo researcher", "Writes a structured brief from the material given; it cannot look anything up by itself."),
    _card("writer", "Demo writer", "Drafts replies and short texts that quote the facts given."),
    _card("flaky", "Demo flaky", "Always fails as an overloaded provider does, to try retries, fallback models and error paths."),
)
