"""Maintenance: writes model_catalogue.json from the price map that the installed litellm carries (`make catalogue`).

It reads the map as a file, so litellm itself is never imported; run it after raising litellm's version and review the diff.
"""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("model_catalogue.json")
_PRICE_MAP = "model_prices_and_context_window_backup.json"

PER_PROVIDER = {"openai": 24, "anthropic": 14, "gemini": 11, "mistral": 10, "groq": 6, "azure": 10, "deepseek": 6, "xai": 7}
"""How many models of each provider the picker offers; the newest are kept."""

OLLAMA = (("llama3.3", 131_072), ("qwen3", 40_960), ("gpt-oss:20b", 131_072), ("gemma3", 131_072), ("mistral-small", 32_768))
"""Widely run local models: an Ollama server offers whatever was pulled, so no price map can list them."""

_LEFT_OUT = re.compile(
    r"^ft:|audio|search|computer|robotics|tts|lyria|(^|[-/])exp|learnlm|vibe|customtools|cyber|rosalind|daybreak|guard|container"
    r"|deep-research|omni|fim|code-agent|labs|voxtral|safeguard|instruct|beta|preview|build|code-fast|gv2|glm|router|mamba|codegeex"
    r"|leanstral|coder|turbo|gpt-3|gpt-4$|tiny|pixtral|chat-latest|gpt-5-chat|command|vision|mistral-7b|-cloud$|llama2|azure/[^/]+/"
)
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})(-|$)")
_SPELLED = {"Deepseek": "DeepSeek", "Gpt Oss": "GPT-OSS", "Mini": "mini", "Nano": "nano", "Oss": "OSS", " It": "", " Latest": ""}
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_PREFIXED = ("openai", "anthropic", "deepseek")  # the map writes these without their provider, the product never does


def build(prices: dict[str, Any]) -> list[dict[str, Any]]:
    """Choose and shape the entries, provider by provider, newest first."""
    rows: list[dict[str, Any]] = []
    for provider, count in PER_PROVIDER.items():
        candidates = {row["id"]: row for row in _candidates(prices, provider)}
        rows += sorted(candidates.values(), key=_newest_first)[:count]
    return [*rows, *(_local(name, context) for name, context in OLLAMA)]


def _local(name: str, context: int) -> dict[str, Any]:
    prices = {"input_micros_per_1k": 0, "output_micros_per_1k": 0}
    support = {"supports_tools": True, "supports_schema": True}
    return {"id": f"ollama/{name}", "label": label_of(name), "provider": "ollama", "context_tokens": context, **prices, **support}


def _candidates(prices: dict[str, Any], provider: str) -> Iterator[dict[str, Any]]:
    for name, entry in prices.items():
        if entry.get("litellm_provider") != provider or entry.get("mode") != "chat":
            continue
        bare = name.removeprefix(f"{provider}/")
        if name == bare and provider not in _PREFIXED:
            continue
        if _is_left_out(name, bare, entry, prices):
            continue
        yield {
            "id": f"{provider}/{bare}",
            "label": label_of(bare),
            "provider": provider,
            "context_tokens": int(entry.get("max_input_tokens") or entry.get("max_tokens") or 8192),
            "input_micros_per_1k": round(float(entry.get("input_cost_per_token") or 0) * 1e9),
            "output_micros_per_1k": round(float(entry.get("output_cost_per_token") or 0) * 1e9),
            "supports_tools": bool(entry.get("supports_function_calling")),
            "supports_schema": bool(entry.get("supports_response_schema")),
        }


def _is_left_out(name: str, bare: str, entry: dict[str, Any], prices: dict[str, Any]) -> bool:
    """Special-purpose, dated, doubled, retired and non-chat models."""
    is_alias = bare.endswith("-latest") and entry["litellm_provider"] not in ("mistral", "gemini")
    is_doubled = f"{name}-latest" in prices
    is_retired = entry.get("deprecation_date", "9") < "2026-12-01"
    is_chat = "/v1/chat/completions" in entry.get("supported_endpoints", ["/v1/chat/completions"])
    return bool(is_alias or is_doubled or is_retired or not is_chat or _LEFT_OUT.search(name.lower()) or _DATED.search(bare))


def _newest_first(row: dict[str, Any]) -> tuple[Any, ...]:
    bare = row["id"].split("/", 1)[1]
    version = re.sub(r"(\d)-(\d)", r"\1.\2", bare)
    found = _NUMBER.search(version)
    numbers = tuple(-int(part) for part in found.group().split(".")) if found else (-99,)
    return numbers[:2] if len(numbers) > 1 else (*numbers, 0), bare


def label_of(bare: str) -> str:
    """A name for people: `claude-opus-4-5` becomes `Claude Opus 4.5`, `gpt-5.4-mini` becomes `GPT-5.4 mini`."""
    name = re.sub(r"(?<=\d)-(?=\d(?:-|$))", ".", bare.rsplit("/", 1)[-1])
    label = " ".join(word if word[0].isdigit() else word[:1].upper() + word[1:] for word in re.split(r"[-:]", name) if word)
    if re.match(r"o\d", name):
        label = name.replace("-", " ")
    label = re.sub(r"^Gpt (\d)", r"GPT-\1", label)
    for written, spelled in _SPELLED.items():
        label = label.replace(written, spelled)
    return label


def main() -> None:
    """Rewrite the catalogue file."""
    spec = find_spec("litellm")
    if spec is None or spec.origin is None:
        raise SystemExit("litellm is not installed.")
    prices = json.loads((Path(spec.origin).parent / _PRICE_MAP).read_text(encoding="utf-8"))
    rows = build(prices)
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    CATALOGUE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
