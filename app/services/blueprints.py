"""Blueprints: export a workflow with its agents, look at one before it comes in, import it. Pages, API, templates and CLI call these."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from app.core.errors import Invalid
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.agents.checking import MODEL_UNAVAILABLE, judge_draft
from app.services.agents.editing import add_agent, tidy
from app.services.called import gather_called
from app.services.definitions import judge_workflow, load_agents, named_agents, rename_agents
from app.services.origins import origin_of, read_origins
from app.services.plans import allow_agents
from app.services.schedules.moving import bring_schedules, read_schedules
from app.services.webhooks.moving import bring_webhooks, read_webhooks
from app.services.workflow_tests.moving import bring_tests, read_cases
from app.services.workflows.lifecycle import create_workflow, dump_spec
from app.services.workflows.miniature import count_steps, draw_miniature
from app.services.workflows.rows import load_workflow
from app.services.workflows.versions import newest_version
from app.views.blueprints import (
    BlueprintFile,
    BlueprintPreview,
    ImportedWorkflow,
    ImportReport,
    PermissionLine,
    PlannedAgent,
    PlannedWorkflow,
)
from engine.blueprint.bundle import Bundle, Metadata, Origin, bundle_test, slug_of
from engine.blueprint.callees import callees_first, rename_called, tree_of
from engine.blueprint.codec import decode, encode, unusable_in
from engine.blueprint.manifest import ANY_HOST, Manifest, manifest_of
from engine.blueprint.secrets import without_secrets
from engine.errors import Finding, SpecError
from engine.expressions.errors import closest
from engine.nodes.registry import KINDS
from engine.spec.agent import AgentSpec
from engine.spec.upgrade import load_workflow as load_spec
from engine.spec.workflow import WorkflowSpec
from engine.words import as_words
from models.agent import Agent
from models.workflow import Workflow

_MODEL_CODES = frozenset({MODEL_UNAVAILABLE, "unknown_model"})  # the definition is sound; only this installation lacks the model
SHOWN_PROBLEMS = 20


class BlueprintInvalid(Invalid):
    """The text is not a blueprint this product can read; `findings` say where and why."""

    code = "blueprint_invalid"

    def __init__(self, findings: list[Finding]) -> None:
        first = str(findings[0]) if findings else "This is not a blueprint."
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        fields = {f"{finding.field or 'blueprint'}": f"{finding.message} {finding.remedy}".strip() for finding in findings[:SHOWN_PROBLEMS]}
        super().__init__(f"{first}{more}", fields=fields)
        self.findings = findings


def export_workflow(uow: UnitOfWork, *, workflow_id: object) -> BlueprintFile:
    """The saved draft with the agents it names, as a blueprint; what looks like a key is left out and told."""
    require(uow, Permission.EDIT)
    workflow = load_workflow(uow, workflow_id)
    try:
        spec = load_spec(workflow.draft)
        slug = slug_of(workflow.name)
        gathered = gather_called(uow, spec, slug=slug, reference=str(workflow.id))
        agents = load_agents(uow, {agent for one in gathered.specs.values() for agent in named_agents(one)})
        origins = read_origins(uow, gathered, agents)
        bundle = Bundle(
            metadata=Metadata(name=workflow.name, version=_version_of(uow, workflow), description=spec.description, origins=origins),
            agents=agents,
            workflows=gathered.specs,
            tests=tuple(bundle_test(slug, case) for case in read_cases(uow, workflow=workflow)),
            schedules=tuple(read_schedules(uow, workflow=workflow, slug=slug)),
            webhooks=tuple(read_webhooks(uow, workflow=workflow, slug=slug)),
        )
        clean, removed = without_secrets(bundle)
        return BlueprintFile(f"{slug}.yaml", encode(clean, KINDS), tuple(removed))
    except SpecError as error:
        raise BlueprintInvalid(error.findings) from error


def _version_of(uow: UnitOfWork, workflow: Workflow) -> str:
    """1.0.N for the draft that is version N of its history, or becomes it as soon as it is kept."""
    newest = newest_version(uow, workflow)
    number = 0 if newest is None else newest.number
    return f"1.0.{number if newest is not None and newest.revision == workflow.revision else number + 1}"


def preview_blueprint(uow: UnitOfWork, *, text: object) -> BlueprintPreview:
    """What an import of this text would bring in and what it could do then; nothing is changed or run."""
    require(uow, Permission.EDIT)
    bundle = read_bundle(text)
    _require_known_kinds(bundle)
    return preview_bundle(uow, bundle)


def preview_bundle(uow: UnitOfWork, bundle: Bundle) -> BlueprintPreview:
    """The same for what was read; the caller has asked permission."""
    planned = plan_agents(uow, bundle)
    known = load_agents(uow) | {agent.target: bundle.agents[agent.slug] for agent in planned}
    targets = {agent.slug: agent.target for agent in planned}
    tree = tree_of(bundle, KINDS)
    names = _free_names(uow, bundle)
    return BlueprintPreview(
        name=bundle.metadata.name,
        version=bundle.metadata.version,
        description=bundle.metadata.description,
        agents=tuple(planned),
        workflows=tuple(
            _planned_workflow(
                slug, renamed, judge_workflow(uow, renamed, agents=known, called=tree.called_by(renamed, reference=slug)), names[slug]
            )
            for slug, spec in bundle.workflows.items()
            if (renamed := rename_agents(spec, targets))
        ),
        permissions=(*in_words(manifest_of(bundle, KINDS)), *_triggers_in_words(bundle)),
    )


def import_blueprint(uow: UnitOfWork, *, text: object) -> ImportReport:
    """Create everything the blueprint holds in the actor's workspace, or nothing of it. Nothing is run; triggers arrive paused."""
    require(uow, Permission.EDIT)
    return import_bundle(uow, read_bundle(text))


def read_bundle(text: object) -> Bundle:
    """Decode, or raise BlueprintInvalid with every finding."""
    if not isinstance(text, str | bytes):
        raise BlueprintInvalid([Finding("invalid_yaml", "A blueprint is a YAML text.", "Choose a .yaml file.")])
    try:
        bundle = decode(text)
    except SpecError as error:
        raise BlueprintInvalid(error.findings) from error
    if findings := unusable_in(bundle):
        raise BlueprintInvalid(findings)
    return bundle


def import_bundle(uow: UnitOfWork, bundle: Bundle, *, template_key: str | None = None, origin: Origin | None = None) -> ImportReport:
    """The import itself, also of templates; the caller has asked permission. `origin` is the listing that is being installed."""
    _require_known_kinds(bundle)
    notes: list[str] = []
    plan = plan_agents(uow, bundle)
    allow_agents(uow, count_added(plan))
    agents = [bring_agent(uow, planned, bundle, origin, notes) for planned in plan]
    targets = {agent.slug: agent.target for agent in agents}
    made: dict[str, ImportedWorkflow] = {}
    triggers, names = 0, _free_names(uow, bundle)
    for slug in callees_first(bundle.workflows, KINDS):
        own = rename_called(
            rename_agents(bundle.workflows[slug], targets), {one: imported.id for one, imported in made.items()}, KINDS, otherwise=""
        )
        made[slug] = bring_workflow(uow, bundle, slug, own, name=names[slug], template_key=template_key, origin=origin)
        if template_key is None and made[slug].name != (wanted := _name_of(bundle.workflows[slug], slug)):
            notes.append(f"There is a workflow called '{wanted}' here already, so this one is called '{made[slug].name}'.")
        workflow = load_workflow(uow, made[slug].id)
        triggers += bring_schedules(uow, workflow=workflow, slug=slug, schedules=bundle.schedules)
        triggers += bring_webhooks(uow, workflow=workflow, slug=slug, webhooks=bundle.webhooks)
        if errors := made[slug].error_count:
            notes.append(f"'{made[slug].name}' needs your attention before it runs: {errors} finding{'s' if errors > 1 else ''}.")
    if triggers:
        brought = f"{triggers} triggers were" if triggers > 1 else "A trigger was"
        notes.append(f"{brought} brought along, paused. Look at Triggers and switch on what shall start runs.")
    return ImportReport(tuple(made[slug] for slug in bundle.workflows), tuple(agents), tuple(notes))


def bring_workflow(
    uow: UnitOfWork,
    bundle: Bundle,
    slug: str,
    own: WorkflowSpec,
    *,
    name: str = "",
    template_key: str | None = None,
    origin: Origin | None = None,
) -> ImportedWorkflow:
    """One workflow of a bundle with its tests; `own` names agents and called workflows as they are called here.

    `name` is a free one where it is known already.
    """
    spec = bundle.workflows[slug]
    name = name or _free_name(_taken_names(uow), _name_of(spec, slug))
    came_from = origin_of(bundle, f"workflows.{slug}", origin)
    detail = create_workflow(uow, name=name, description=spec.description, spec=own, template_key=template_key, origin=came_from)
    cases = [test.case() for test in bundle.tests if test.workflow == slug]
    bring_tests(uow, workflow=load_workflow(uow, detail.id), cases=cases)
    return ImportedWorkflow(str(detail.id), detail.name, sum(finding.severity == "error" for finding in detail.findings))


def in_words(manifest: Manifest) -> list[PermissionLine]:
    """The permissions as the import screen lists them."""
    lines: list[PermissionLine] = []
    if manifest.models:
        lines.append(PermissionLine("sparkles", "Ask language models", ", ".join(manifest.models)))
    if manifest.hosts:
        named = ", ".join(host for host in manifest.hosts if host != ANY_HOST)
        detail = f"{named}, and addresses that are only known when it runs" if named else "Addresses that are only known when it runs"
        lines.append(PermissionLine("globe", "Call other systems", named if ANY_HOST not in manifest.hosts else detail))
    if manifest.credentials:
        lines.append(PermissionLine("key-round", "Use credentials of this workspace", ", ".join(manifest.credentials)))
    if manifest.tools:
        lines.append(PermissionLine("wrench", "Give agents tools", ", ".join(manifest.tools)))
    if manifest.signals:
        lines.append(PermissionLine("send", "Let other runs of this workspace go on", f"By signals named {', '.join(manifest.signals)}"))
    if manifest.runs_code:
        lines.append(PermissionLine("code", "Run Python in the sandbox", "Without network and files, with time and memory limits"))
    return lines


def _triggers_in_words(bundle: Bundle) -> list[PermissionLine]:
    lines: list[PermissionLine] = []
    if bundle.schedules:
        told = "; ".join(f"{one.name} ({one.when}, {one.time_zone})" for one in bundle.schedules[:SHOWN_PROBLEMS])
        lines.append(PermissionLine("calendar-clock", "Start at set times, once you switch it on", told))
    if bundle.webhooks:
        told = "; ".join(one.name for one in bundle.webhooks[:SHOWN_PROBLEMS])
        lines.append(PermissionLine("webhook", "Start when another system calls, once you switch it on", told))
    return lines


@dataclass(frozen=True, slots=True)
class _Known:
    """The agents a workspace has, and every short name that is taken, also by deleted ones."""

    specs: dict[str, AgentSpec]
    taken: frozenset[str]


def plan_agents(uow: UnitOfWork, bundle: Bundle) -> list[PlannedAgent]:
    known = _Known(load_agents(uow), frozenset(uow.session.exec(select(Agent.slug).where(Agent.workspace_id == uow.workspace_id))))
    taken = set(known.taken)
    planned: list[PlannedAgent] = []
    for slug, spec in bundle.agents.items():
        named = named_agent(slug, spec)
        same = [other for other, existing in known.specs.items() if existing == named]
        if same:
            target, action = (slug if slug in same else same[0]), "reuse"
        else:
            target = slug if slug not in taken else slug_of(slug, taken)
            action = "create" if target == slug else "rename"
            taken.add(target)
        planned.append(PlannedAgent(slug, named.name, named.model, action, target))
    return planned


def count_added(planned: Sequence[PlannedAgent]) -> int:
    """How many agents the workspace would have more."""
    return sum(agent.action != "reuse" for agent in planned)


def bring_agent(uow: UnitOfWork, planned: PlannedAgent, bundle: Bundle, origin: Origin | None, notes: list[str]) -> PlannedAgent:
    if planned.action == "reuse":
        return planned
    named = named_agent(planned.slug, bundle.agents[planned.slug])
    problems = judge_draft(uow, named.model_dump(mode="json")).problems
    refused = {f"agents.{planned.slug}.{item.field}": item.message for item in problems if item.code not in _MODEL_CODES}
    if refused:
        raise Invalid(f"The agent '{planned.slug}' cannot be imported: {next(iter(refused.values()))}", fields=refused)
    notes.extend(f"Agent '{named.name}': {item.message}" for item in problems)
    slug = add_agent(uow, named, wanted_slug=planned.target, origin=origin_of(bundle, f"agents.{planned.slug}", origin)).slug
    if slug != planned.slug:
        notes.append(f"There is another agent called '{planned.slug}' here already, so this one is called '{slug}'.")
    return PlannedAgent(planned.slug, named.name, named.model, "create" if slug == planned.slug else "rename", slug)


def named_agent(slug: str, spec: AgentSpec) -> AgentSpec:
    """As it will be stored: with a name, and one-line texts tidy."""
    return tidy(spec if spec.name.strip() else spec.model_copy(update={"name": as_words(slug)}))


def _require_known_kinds(bundle: Bundle) -> None:
    unknown = [
        Finding(
            "unknown_kind",
            f"There is no step kind '{node.kind}' here.",
            _other_kind(node.kind),
            field=f"workflows.{slug}.nodes.{node.id}.kind",
        )
        for slug, spec in bundle.workflows.items()
        for node in spec.nodes
        if node.kind not in KINDS
    ]
    if unknown:
        raise BlueprintInvalid(unknown)


def _other_kind(kind: str) -> str:
    near = closest(kind, KINDS)
    return f"Did you mean '{near}'?" if near else "Choose another kind, or update the product if a newer one made this blueprint."


def _told(spec: WorkflowSpec, finding: Finding) -> str:
    """A finding in plain words, with the step as people call it."""
    node = next((node for node in spec.nodes if node.id == finding.node), None)
    kind = KINDS.get(node.kind) if node else None
    name = (node.label or (kind.title if kind else node.id)) if node else ""
    return " ".join(part for part in (f"“{name}”:" if name else "", finding.message, finding.remedy) if part)


def _planned_workflow(slug: str, spec: WorkflowSpec, findings: list[Finding], target: str) -> PlannedWorkflow:
    def shown(severity: str) -> tuple[str, ...]:
        return tuple(_told(spec, finding) for finding in findings if finding.severity == severity)[:SHOWN_PROBLEMS]

    definition = dump_spec(spec)
    steps, drawing = count_steps(definition), draw_miniature(definition)
    return PlannedWorkflow(slug, _name_of(spec, slug), spec.description, steps, drawing, shown("error"), shown("warning"), target)


def _name_of(spec: WorkflowSpec, slug: str) -> str:
    return spec.name.strip() or as_words(slug)


def _free_names(uow: UnitOfWork, bundle: Bundle) -> dict[str, str]:
    """What each workflow of a bundle would be called here, in the order in which they come in."""
    taken, names = _taken_names(uow), dict[str, str]()
    for slug in callees_first(bundle.workflows, KINDS):
        names[slug] = _free_name(taken, _name_of(bundle.workflows[slug], slug))
        taken.add(names[slug])
    return names


def _taken_names(uow: UnitOfWork) -> set[str]:
    living = uow.scoped(Workflow).where(col(Workflow.deleted_at).is_(None))
    return set(uow.session.connection().execute(living.with_only_columns(col(Workflow.name))).scalars())


def _free_name(taken: set[str], name: str) -> str:
    """The name, numbered when a living workflow has it."""
    if name not in taken:
        return name
    return next(wanted for number in range(2, len(taken) + 3) if (wanted := f"{name[:110]} ({number})") not in taken)
