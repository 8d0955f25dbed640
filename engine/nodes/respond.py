"""Respond: answers the webhook call that started the run, while the run goes on; the webhook's edge reads the answer from this step."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from engine.errors import Permanent
from engine.json import JsonSchema, JsonValue
from engine.nodes.base import NodeConfig, NodeContext, NodeKind, NodeResult, Widget
from engine.spec.agent import AgentSpec

_BODIES = (("json", "JSON"), ("text", "Text"), ("none", "Nothing"))
_TYPES = {"json": "application/json", "text": "text/plain; charset=utf-8", "none": ""}
# What an answer may say about itself. Cookies, redirects, framing and security headers stay the site's own.
ALLOWED_HEADERS = frozenset(
    {
        "cache-control", "content-disposition", "content-language", "content-type", "etag", "expires", "last-modified", "link",
        "retry-after", "vary",
    }
)  # fmt: skip
_OWN_HEADER = re.compile(r"x-[a-z0-9-]{1,60}")
_SITE_HEADERS = re.compile(r"x-(content-type-options|frame-options|request-id|xss-protection|accel-.*|forwarded-.*|real-ip|sendfile.*)")
_VALUE = re.compile(r"[\t\x20-\x7e]{0,2000}")


class RespondConfig(NodeConfig):
    """The answer."""

    status: Annotated[int, Widget("number")] = Field(
        200, ge=200, le=599, title="Status", description="200 says all is well. Redirects (3xx) are not sent."
    )
    body_type: Annotated[Literal["json", "text", "none"], Widget("select", options=_BODIES)] = Field("json", title="Body")
    body_json: Annotated[JsonValue, Widget("value", show_if=("body_type", "json"))] = Field(
        None, title="JSON body", description="Any JSON; texts inside may refer to earlier results, and a reference alone keeps its type."
    )
    body_text: Annotated[str, Widget("template", show_if=("body_type", "text"))] = Field("", max_length=200_000, title="Text body")
    headers: Annotated[dict[str, str], Widget("key_values", advanced=True)] = Field(
        default_factory=dict,
        max_length=20,
        title="Headers",
        description="Content-Type, Cache-Control, Retry-After and the like, or names that begin with X-.",
    )


class Respond(NodeKind[RespondConfig]):
    """Gives the caller of a webhook an answer of one's own; in runs that nobody called from outside it changes nothing."""

    kind = "respond"
    title = "Respond"
    summary = "Answers the webhook call that started the run, and goes on."
    category = "data"
    icon = "reply"
    immediate = True
    config_type = RespondConfig

    def output_schema(self, config: RespondConfig, *, agents: Mapping[str, AgentSpec]) -> JsonSchema:
        """What was answered."""
        properties: JsonSchema = {
            "status": {"type": "integer"},
            "headers": {"type": "object", "additionalProperties": {"type": "string"}},
            "body": {"type": "string"},
        }
        return {"type": "object", "properties": properties, "required": list(properties)}

    async def run(self, ctx: NodeContext, config: RespondConfig) -> NodeResult:
        """Check and put together; whoever waits for the answer sees it with the next commit."""
        if 300 <= config.status < 400:
            raise Permanent("invalid_response", "Redirects are not sent. Use a status from 200 to 299 or from 400 to 599.", field="status")
        headers = _headers(config)
        return NodeResult({"status": config.status, "headers": headers, "body": _body(config)})


def _body(config: RespondConfig) -> str:
    if config.body_type == "json":
        return json.dumps(config.body_json, ensure_ascii=False)
    return config.body_text if config.body_type == "text" else ""


def _headers(config: RespondConfig) -> dict[str, str]:
    content_type = _TYPES[config.body_type]
    headers = {"content-type": content_type} if content_type else {}
    for name, value in config.headers.items():
        key = name.strip().lower()
        if key not in ALLOWED_HEADERS and (not _OWN_HEADER.fullmatch(key) or _SITE_HEADERS.fullmatch(key)):
            message = f"The header '{name[:60]}' cannot be set. Use Content-Type, Cache-Control, Retry-After or a name beginning with X-."
            raise Permanent("invalid_response", message, field=f"headers.{name[:60]}")
        if not _VALUE.fullmatch(value):
            message = f"The header '{name[:60]}' may hold plain ASCII letters, digits and signs only, on one line."
            raise Permanent("invalid_response", message, field=f"headers.{name[:60]}")
        headers[key] = value
    return headers
