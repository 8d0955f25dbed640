"""Triggers of a blueprint: when its workflows start by themselves. They arrive paused, and without addresses and secrets."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.json import JsonObject
from engine.spec.agent import AgentSlug

Line = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Word = Annotated[str, StringConstraints(max_length=80)]


class _Trigger(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    workflow: AgentSlug


class BundleSchedule(_Trigger):
    """`when` is cron or plain words, as somebody typed it; days are those of the time zone."""

    when: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    time_zone: Word
    starts_on: date | None = None
    ends_on: date | None = None
    inputs: JsonObject = Field(default_factory=dict)
    missed: Word = "one"
    most_missed: int = 5
    overlap: Word = "skip"


class BundleWebhook(_Trigger):
    """What a webhook takes and answers; its address and secret are made anew wherever it comes in."""

    methods: tuple[Word, ...] = Field(default=("POST",), min_length=1, max_length=5)
    auth: Word = "secret"
    auth_header: Word = "X-Webhook-Secret"
    reply: Word = "accepted"
    wait_s: int = 30
    input_mode: Word = "fields"
    mapping: dict[str, str] = Field(default_factory=dict, max_length=60)
    key_header: Word = "Idempotency-Key"
    max_bytes: int = 1_000_000
    rate_per_minute: int = 120
