"""The waterfall of a run's trace with its time-travel scrubber; the trace page mounts it beside a canvas."""

from components.trace.view import post_trace, trace_view

__all__ = ["post_trace", "trace_view"]
