"""What the agent form offers: models with figures in words, tools explained for people, and the variables of instructions."""

from app.core.permissions import Permission, require
from app.core.ports import ModelCard
from app.core.uow import UnitOfWork
from app.views import words
from app.views.agents import FormOptions, ModelOption, ToolOption

TOOLS: tuple[ToolOption, ...] = (
    ToolOption("calculator", "Calculator", "Works out sums, percentages and formulas exactly instead of guessing them."),
    ToolOption("date_time", "Date and time", "Knows the current date and time in any time zone and calculates with dates."),
    ToolOption("web_fetch", "Web pages", "Reads public web pages. Private and internal addresses are refused."),
    ToolOption("json_query", "JSON query", "Picks values out of large JSON data, so that the model need not read all of it."),
)
TOOL_NAMES = tuple(tool.name for tool in TOOLS)
_PROVIDERS = {
    "demo": "Demo models (offline, free)",
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Google Gemini",
    "azure": "Azure OpenAI",
    "mistral": "Mistral",
    "groq": "Groq",
    "deepseek": "DeepSeek",
    "xai": "xAI",
    "ollama": "Ollama",
    "openai_compatible": "OpenAI-compatible server",
}


def list_form_options(uow: UnitOfWork) -> FormOptions:
    """Read what the form offers; the same for every member of the workspace."""
    require(uow, Permission.VIEW)
    return FormOptions(models=tuple(to_option(card) for card in uow.catalogue.cards()), tools=TOOLS)


def to_option(card: ModelCard) -> ModelOption:
    """Put a model's figures into words."""
    return ModelOption(
        id=card.id,
        label=card.label,
        provider=card.provider,
        provider_label=_PROVIDERS.get(card.provider, card.provider.replace("_", " ").title()),
        context=words.count(card.context_tokens) if card.context_tokens else "unknown",
        input_price=_price(card.input_micros_per_1k),
        output_price=_price(card.output_micros_per_1k),
        is_demo=card.is_demo,
        is_available=card.is_available,
        unavailable_reason=card.unavailable_reason,
        supports_tools=card.supports_tools,
        supports_schema=card.supports_schema,
    )


def _price(micros_per_1k: int) -> str:
    """Micros per thousand tokens times a thousand are micros per million tokens."""
    return words.money(micros_per_1k * 1000) if micros_per_1k else "free"
