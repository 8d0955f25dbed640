"""The kinds of credentials: what each asks for, how it is put on a request, and how a key of a model provider is tried out."""

from dataclasses import dataclass
from types import MappingProxyType

from app.core.config import PROVIDER_KEY_VARIABLES
from app.views.credentials import CredentialKind

PROVIDER_LABELS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Google Gemini",
    "azure": "Azure OpenAI",
    "mistral": "Mistral",
    "groq": "Groq",
    "deepseek": "DeepSeek",
    "xai": "xAI",
}
KINDS = MappingProxyType(
    {
        kind.id: kind
        for kind in (
            CredentialKind("bearer", "API key", "Sent as Authorization: Bearer …, as most APIs want it.", "", "Key or token", True),
            CredentialKind("basic", "User and password", "HTTP Basic authentication.", "User name", "Password", True),
            CredentialKind("header", "Header", "A header of its own name, such as X-API-Key.", "Header name", "Value", True),
            CredentialKind("query", "Address parameter", "Added to the address, for APIs that know no better.", "Parameter", "Value", True),
            CredentialKind(
                "model",
                "Model provider",
                "Agents and steps of this workspace then call the provider's models with this key.",
                "",
                "API key",
                False,
                tuple((name, PROVIDER_LABELS[name]) for name in PROVIDER_KEY_VARIABLES),
            ),
        )
    }
)
PUBLIC_FIELD = {"basic": "username", "header": "name", "query": "name"}
SECRET_FIELD = {"bearer": "token", "basic": "password", "header": "value", "query": "value", "model": "key"}


@dataclass(frozen=True, slots=True)
class Probe:
    """An address of a provider that answers 2xx to a good key and changes nothing; `path` follows the base address."""

    base: str
    path: str
    header: str = "Authorization"
    prefix: str = "Bearer "
    extra: tuple[tuple[str, str], ...] = ()


PROBES = {
    "openai": Probe("https://api.openai.com/v1", "/models"),
    "anthropic": Probe("https://api.anthropic.com", "/v1/models", "x-api-key", "", (("anthropic-version", "2023-06-01"),)),
    "gemini": Probe("https://generativelanguage.googleapis.com", "/v1beta/models", "x-goog-api-key", ""),
    "mistral": Probe("https://api.mistral.ai/v1", "/models"),
    "groq": Probe("https://api.groq.com/openai/v1", "/models"),
    "deepseek": Probe("https://api.deepseek.com", "/models"),
    "xai": Probe("https://api.x.ai/v1", "/models"),
    "azure": Probe("", "/openai/models?api-version=2024-10-21", "api-key", ""),
}
"""From the providers' own API references: each lists the models that the key may use."""
