"""A local OpenTelemetry collector: takes OTLP over HTTP and keeps the spans it was sent."""

import threading
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse


class Collector:
    """Its `spans` are protobuf messages; `headers` those of the last request."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.headers: dict[str, str] = {}
        self._lock = threading.Lock()

    async def take(self, request: web.Request) -> web.Response:
        """POST /v1/traces."""
        message = ExportTraceServiceRequest()
        message.ParseFromString(await request.read())
        with self._lock:
            self.headers = {name.lower(): value for name, value in request.headers.items()}
            self.spans.extend(span for resource in message.resource_spans for scope in resource.scope_spans for span in scope.spans)
        return web.Response(body=ExportTraceServiceResponse().SerializeToString(), content_type="application/x-protobuf")

    def named(self, name: str) -> Any:
        """The one span of this name."""
        (span,) = [span for span in self.spans if span.name == name]
        return span


def attributes(span: Any) -> dict[str, Any]:
    """A span's attributes as plain values."""
    return {pair.key: _plain(pair.value) for pair in span.attributes}


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return [_plain(item) for item in value.array_value.values] if kind == "array_value" else getattr(value, kind)
