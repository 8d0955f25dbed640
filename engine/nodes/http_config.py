"""The HTTP node's settings; apart from the node because encoding and decoding read them too."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from engine.json import JsonValue
from engine.nodes.base import NodeConfig, Widget

_METHODS = tuple((method, method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"))
_BODIES = (("none", "None"), ("json", "JSON"), ("text", "Text"), ("form", "Form fields"))
StatusList = Annotated[str, StringConstraints(pattern=r"^\s*([1-5](xx|\d\d))(\s*,\s*[1-5](xx|\d\d))*\s*$", max_length=100)]


class HttpConfig(NodeConfig):
    """The request, and which answers count as success."""

    method: Annotated[Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"], Widget("select", options=_METHODS)] = Field(
        "GET", title="Method", description="GET reads; the others change something at the other side."
    )
    url: Annotated[str, Widget("template", placeholder="https://api.example.com/leads/{{ inputs.id }}")] = Field(
        "", max_length=8000, title="Address", description="A public http or https address."
    )
    query: Annotated[dict[str, str], Widget("key_values")] = Field(
        default_factory=dict, max_length=50, title="Query parameters", description="Added to the address, properly escaped."
    )
    headers: Annotated[dict[str, str], Widget("key_values", advanced=True)] = Field(
        default_factory=dict, max_length=50, title="Headers", description="Never put a key here; choose a credential instead."
    )
    credential: Annotated[str, Widget("credential")] = Field(
        "", max_length=120, title="Credential", description="The saved key that is added when the request leaves; no step ever sees it."
    )
    body_type: Annotated[Literal["none", "json", "text", "form"], Widget("select", options=_BODIES)] = Field("none", title="Body")
    body_json: Annotated[JsonValue, Widget("value", show_if=("body_type", "json"))] = Field(
        None, title="JSON body", description="Any JSON; texts inside may refer to earlier results, and a reference alone keeps its type."
    )
    body_text: Annotated[str, Widget("template", show_if=("body_type", "text"))] = Field("", max_length=200_000, title="Text body")
    body_form: Annotated[dict[str, str], Widget("key_values", show_if=("body_type", "form"))] = Field(
        default_factory=dict, max_length=100, title="Form fields"
    )
    expect: Annotated[StatusList, Widget("text", placeholder="2xx, 404", advanced=True)] = Field(
        "2xx", title="Success is", description="Status codes that count as success, such as '2xx' or '2xx, 404'. Others fail this step."
    )
    timeout_s: Annotated[float, Widget("number", advanced=True)] = Field(
        30.0, gt=0, le=300, allow_inf_nan=False, title="Time limit", description="Seconds until the request is given up."
    )
    safe_to_repeat: Annotated[bool, Widget("toggle", advanced=True)] = Field(
        False,
        title="Safe to repeat",
        description="Sending it twice does no harm, for instance because the other side honours the Idempotency-Key header. "
        "After a crash it is then repeated instead of asking a person.",
    )
