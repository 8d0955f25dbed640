"""A package part by part, whole, for those who decide about it, and what one changes against another. The callers open the packages."""

from collections.abc import Mapping

from app.services.agents.fields import changed_fields, flat_fields, label_of
from app.services.history.wording import plain, settings_of, step_names, tell_changes, tell_connections, tell_own, worded
from app.services.inspector.form_values import span_text
from app.services.workflows.lifecycle import dump_spec
from app.views.history import StepWords
from app.views.inside import Inside, Part, Setting, VersionChange, WorkflowDifference, WorkflowInside
from engine.blueprint.bundle import Bundle, BundleTest
from engine.json import JsonObject, JsonValue
from engine.spec.workflow import MAX_EDGES, WorkflowSpec
from engine.words import as_words

Dumped = Mapping[str, JsonObject]


def read_inside(bundle: Bundle) -> Inside:
    """Everything that is in a package, nothing shortened."""
    return Inside(
        workflows=tuple(_workflow(slug, spec) for slug, spec in bundle.workflows.items()),
        agents=tuple(Part(slug, agent["name"] or slug, "Agent", _agent_settings(agent)) for slug, agent in _agents(bundle).items()),
        tests=tuple(Part(str(number), test.name, "Test", _settings(_test(test))) for number, test in enumerate(bundle.tests, start=1)),
        origins=tuple(
            f"{part.partition('.')[2]}: {one.title} {one.version} by {one.creator} ({one.licence})"
            for part, one in bundle.metadata.origins.items()
        ),
    )


def tell_change(earlier: str, before: Bundle, after: Bundle) -> VersionChange:
    """What the later package changes; `earlier` is the number of the other one."""
    shared = [slug for slug in after.workflows if slug in before.workflows]
    workflows = [_difference(before.workflows[slug], after.workflows[slug]) for slug in shared]
    differing = tuple(one for one in workflows if one.own or one.steps or one.edges_added or one.edges_removed)
    agents = _changed("Agent", _agents(before), _agents(after))
    tests = _changed("Test", _tests(before), _tests(after))
    had, has = _named(before), _named(after)
    added = tuple(name for key, name in has.items() if key not in had)
    removed = tuple(name for key, name in had.items() if key not in has)
    return VersionChange(
        earlier=earlier,
        workflows=differing,
        agents=agents,
        tests=tests,
        added=added,
        removed=removed,
        is_same=not (differing or agents or tests or added or removed),
    )


def _workflow(slug: str, spec: WorkflowSpec) -> WorkflowInside:
    dumped = dump_spec(spec)
    own = tuple(Setting(one.label, one.after) for one in tell_own({"name": spec.name}, dumped))
    steps = tuple(
        Part(node["id"], *step_names(node), tuple(Setting(label, text) for label, text in settings_of(node))) for node in dumped["nodes"]
    )
    return WorkflowInside(slug, spec.name or slug, own, steps, tell_connections(dumped))


def _difference(before: WorkflowSpec, after: WorkflowSpec) -> WorkflowDifference:
    old, new = dump_spec(before), dump_spec(after)
    return WorkflowDifference(after.name, tell_own(old, new), *tell_changes(old, new, most=MAX_EDGES))


def _agents(bundle: Bundle) -> dict[str, JsonObject]:
    return {slug: spec.model_dump(mode="json") for slug, spec in bundle.agents.items()}


def _agent_settings(agent: JsonObject) -> tuple[Setting, ...]:
    told = [Setting(label_of(name), _told(name, value)) for name, value in flat_fields(agent).items()]
    return tuple(one for one in told if one.text)


def _told(name: str, value: JsonValue) -> str:
    """A field of an agent or a test: names line by line, times with their unit."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(map(str, value))
    return span_text(value) if name == "limits.timeout_s" and isinstance(value, int | float) else plain(value)


def _test(test: BundleTest) -> JsonObject:
    return test.model_dump(mode="json", exclude_defaults=True)


def _tests(bundle: Bundle) -> dict[str, JsonObject]:
    """By workflow and name; a second one of the same name has a number."""
    found: dict[str, JsonObject] = {}
    for test in bundle.tests:
        key, number = f"{test.workflow}/{test.name}", 1
        while key in found:
            number += 1
            key = f"{test.workflow}/{test.name} {number}"
        found[key] = _test(test)
    return found


def _settings(part: JsonObject) -> tuple[Setting, ...]:
    return tuple(Setting(as_words(name), text) for name, value in part.items() if name != "name" and (text := plain(value)))


def _changed(kind: str, before: Dumped, after: Dumped) -> tuple[StepWords, ...]:
    """Agents or tests that both versions have and that differ, field by field."""
    return tuple(
        StepWords(
            node=slug,
            label=part.get("name") or slug,
            kind=kind.lower(),
            kind_title=kind,
            change="changed",
            fields=[
                worded(label_of(name), _told(name, flat_fields(before[slug]).get(name)), _told(name, flat_fields(part).get(name)))
                for name in changed_fields(before[slug], part)
            ],
        )
        for slug, part in after.items()
        if slug in before and part != before[slug]
    )


def _named(bundle: Bundle) -> dict[str, str]:
    """What each part is called, by what tells whether another version has it."""
    return {
        **{f"workflow/{slug}": f"Workflow {spec.name or slug}" for slug, spec in bundle.workflows.items()},
        **{f"agent/{slug}": f"Agent {spec.name or slug}" for slug, spec in bundle.agents.items()},
        **{f"test/{key}": f"Test {part['name']}" for key, part in _tests(bundle).items()},
    }
