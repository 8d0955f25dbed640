"""Workflows of one blueprint that call each other by short names: their order, which of them is the main one, and plans to run them."""

from collections.abc import Mapping

from engine.blueprint.bundle import Bundle
from engine.graph.calls import CallTree, Stored, calls_of
from engine.graph.outline import AnyKind
from engine.nodes.workflow import is_listing, reference_of
from engine.spec.workflow import CalledWorkflow, NodeSpec, RunPlan, WorkflowSpec

Kinds = Mapping[str, AnyKind]


def tree_of(bundle: Bundle, kinds: Kinds) -> CallTree:
    """The workflows of a blueprint by their short names."""

    def load(reference: str) -> Stored | None:
        spec = bundle.workflows.get(reference)
        return None if spec is None else Stored(spec.name or reference, spec, bundle.agents)

    return CallTree(kinds, load)


def plan_of(bundle: Bundle, slug: str, kinds: Kinds) -> RunPlan:
    """What a run of one workflow of the blueprint executes; the plans of those it calls are named by their short names."""
    spec = bundle.workflows[slug]
    called = {one: bundle.workflows[one].name or one for one in calls_of(spec, kinds) if one in bundle.workflows}
    workflows = {one: CalledWorkflow(name=name, plan=one) for one, name in called.items()}
    return RunPlan(workflow=spec, agents=bundle.agents, workflows=workflows)


def callees_first(workflows: Mapping[str, WorkflowSpec], kinds: Kinds) -> list[str]:
    """The short names in an order in which each comes after those it calls; a circle is cut somewhere."""
    order: dict[str, None] = {}
    stack = [(slug, False) for slug in reversed(list(workflows))]
    seen: set[str] = set()
    while stack:
        slug, is_done = stack.pop()
        if is_done:
            order[slug] = None
        elif slug not in seen:
            seen.add(slug)
            stack.append((slug, True))
            stack.extend((one, False) for one in reversed(calls_of(workflows[slug], kinds)) if one in workflows)
    return list(order)


def roots_of(workflows: Mapping[str, WorkflowSpec], kinds: Kinds) -> list[str]:
    """Those that no other one calls."""
    called = {one for slug, spec in workflows.items() for one in calls_of(spec, kinds) if one != slug}
    return [slug for slug in workflows if slug not in called]


def reached_from(workflows: Mapping[str, WorkflowSpec], slug: str, kinds: Kinds) -> list[str]:
    """A workflow and everything below it."""
    reached, queue = {slug: None}, [slug]
    while queue:
        below = [one for one in calls_of(workflows[queue.pop()], kinds) if one in workflows and one not in reached]
        reached.update(dict.fromkeys(below))
        queue.extend(below)
    return list(reached)


def rename_called(spec: WorkflowSpec, names: Mapping[str, str], kinds: Kinds, *, otherwise: str | None = None) -> WorkflowSpec:
    """The workflow calling others by other references, without pinned versions; what has no name there becomes `otherwise`. Sealed
    listings keep theirs."""
    nodes: list[NodeSpec] = []
    for node in spec.nodes:
        kind = kinds.get(node.kind)
        config = node.config
        if kind is not None and kind.is_caller:
            reference = reference_of(str(config.get("workflow") or ""), config.get("version"))
            target = None if is_listing(reference) else names.get(reference, otherwise)
            if target is not None:
                config = {key: value for key, value in config.items() if key != "version"} | {"workflow": target}
        nodes.append(node if config is node.config else node.model_copy(update={"config": config}))
    return spec.model_copy(update={"nodes": tuple(nodes)})
