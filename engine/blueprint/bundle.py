"""What a blueprint holds once it is read: agents and workflows by slug, tests, and who made what for which purpose."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engine.blueprint.cases import Check, TestCase
from engine.blueprint.triggers import BundleSchedule, BundleWebhook
from engine.json import JsonValue
from engine.spec.agent import AgentSlug, AgentSpec
from engine.spec.workflow import WorkflowSpec

Version = Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]{1,60})?$")]


class Origin(BaseModel):
    """The listing that a workflow or an agent came from, and under which licence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listing: str = Field(min_length=1, max_length=80)
    title: str = Field(min_length=1, max_length=120)
    version: Version
    licence: str = Field(min_length=1, max_length=40)
    creator: str = Field(min_length=1, max_length=120)


class Metadata(BaseModel):
    """The bundle's title page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=120)
    version: Version = "1.0.0"
    description: str = Field(default="", max_length=4000)
    origins: dict[str, Origin] = Field(default_factory=dict)  # by `workflows.<slug>` and `agents.<slug>`


class BundleTest(TestCase):
    """A test of one of the workflows. `expect` is short for one check: that the whole result is exactly this."""

    workflow: AgentSlug
    expect: JsonValue = None

    def case(self) -> TestCase:
        """The test by itself."""
        whole = () if self.expect is None else (Check(rule="equals", value=self.expect),)
        return TestCase(
            name=self.name, inputs=self.inputs, answers=self.answers, stubs=self.stubs, ends=self.ends, checks=(*self.checks, *whole)
        )


def bundle_test(workflow: str, case: TestCase) -> BundleTest:
    """A workflow's test as the blueprint of that workflow holds it."""
    return BundleTest(workflow=workflow, **{name: getattr(case, name) for name in TestCase.model_fields})


class Bundle(BaseModel):
    """Everything of one blueprint."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    metadata: Metadata
    agents: dict[AgentSlug, AgentSpec] = Field(default_factory=dict)
    workflows: dict[AgentSlug, WorkflowSpec] = Field(default_factory=dict)
    tests: tuple[BundleTest, ...] = Field(default=(), max_length=1000)
    schedules: tuple[BundleSchedule, ...] = Field(default=(), max_length=200)
    webhooks: tuple[BundleWebhook, ...] = Field(default=(), max_length=200)

    def without_triggers(self) -> "Bundle":
        """For those who get it from somebody else: when it starts, and on what, is their own business."""
        return self.model_copy(update={"schedules": (), "webhooks": ()})


def slug_of(name: str, taken: Iterable[str] = ()) -> str:
    """A readable slug for a name, different from those that are taken."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())
    words = "_".join(part for part in plain.split("_") if part)
    stem = words if words[:1].isalpha() else f"x_{words}".rstrip("_")
    stem, used, number = stem[:56], set(taken), 1
    slug = stem
    while slug in used:
        number += 1
        slug = f"{stem}_{number}"
    return slug
