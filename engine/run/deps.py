"""Everything a run needs from outside, handed to the Driver in one piece by the worker, the CLI or a test."""

import random
from dataclasses import dataclass, field

from engine.json import JsonObject
from engine.ports import Clock, CodeRunner, HttpClient, LanguageModel, LiveSink, ToolSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """Ports and settings of one run. `inputs` counts only when the history holds no RUN_STARTED yet."""

    run_id: str
    models: LanguageModel
    http: HttpClient
    code: CodeRunner
    tools: ToolSource
    clock: Clock
    live: LiveSink
    inputs: JsonObject = field(default_factory=dict[str, object])
    park_after_s: float = 5.0  # a longer wait gives the worker's place back
    can_ask: bool = False  # whether a run that reaches a limit may wait for a person; it fails otherwise
    rng: random.Random = field(default_factory=random.Random)  # spreads retries
