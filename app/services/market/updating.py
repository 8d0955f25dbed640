"""Updating an installed copy: what a newer version would change and may do, then the merge. What was there stays in the history."""

from dataclasses import dataclass, field

from sqlmodel import col, select

from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.agents.editing import add_version
from app.services.agents.rows import load_version, spec_of
from app.services.asked import Asked, asked_by, kept_mapping
from app.services.blueprints import bring_agent, bring_workflow, in_words, named_agent, plan_agents
from app.services.definitions import rename_agents, rename_credentials
from app.services.history.wording import tell_changes
from app.services.market.access import has_paid, installed, load_listing
from app.services.market.installing import ListingNotBought, allowed_version, origin_for
from app.services.market.mapping import can_make, plan_asks, read_mapping
from app.services.market.merging import MINE, REPLACE, THEIRS, MergedAgent, MergedWorkflow, merge_agent, merge_workflow
from app.services.market.packages import manifest_from, permission_lines, version_key, what_is_wider
from app.services.sealed import read_package
from app.services.workflow_tests.moving import add_missing_tests
from app.services.workflows.edits import apply_own
from app.services.workflows.lifecycle import dump_spec
from app.services.workflows.rows import load_workflow
from app.services.workflows.versions import keep_version
from app.views.installs import UpdateClash, UpdatePlan, WorkflowChange
from app.views.market import VersionRow
from engine.blueprint.bundle import Bundle, Origin
from engine.blueprint.callees import callees_first, rename_called
from engine.nodes.registry import KINDS
from engine.spec.workflow import WorkflowSpec
from models.agent import Agent
from models.ids import new_id, parse_id
from models.listing import Install, Listing, ListingVersion
from models.moderation import ModerationCase
from models.workflow import Workflow


@dataclass(slots=True)
class _Update:
    """An installed copy and the version it may become. `targets` are the agents by what this workspace calls them."""

    listing: Listing
    install: Install
    before: ListingVersion
    after: ListingVersion
    old: Bundle
    new: Bundle
    workflows: dict[str, Workflow]
    agents: dict[str, Agent]
    own_agents: frozenset[str]
    old_targets: dict[str, str]
    old_ids: dict[str, str]
    kept: dict[str, str]
    targets: dict[str, str] = field(default_factory=dict[str, str])
    credentials: dict[str, str] = field(default_factory=dict[str, str])

    def base(self, slug: str) -> WorkflowSpec:
        """A workflow as the installed version brought it."""
        named = rename_credentials(rename_agents(self.old.workflows[slug], self.old_targets), self.kept)
        return rename_called(named, self.old_ids, KINDS, otherwise="")

    def wanted(self, slug: str, ids: dict[str, str]) -> WorkflowSpec:
        """The same as the new version brings it."""
        named = rename_credentials(rename_agents(self.new.workflows[slug], self.targets), self.credentials)
        return rename_called(named, ids, KINDS, otherwise="")

    def asked(self) -> list[Asked]:
        """The credentials that the new version names and the installed one does not."""
        return [one for one in asked_by(self.after.manifest) if one.name not in self.kept]


def plan_update(uow: UnitOfWork, *, slug: object) -> UpdatePlan:
    """What the update would change, what it may do that the installed version may not, and where both sides changed the same."""
    require(uow, Permission.EDIT)
    update = _read(uow, slug)
    update.targets = update.old_targets | {one: update.old_targets.get(one, one) for one in update.new.agents}
    ids = update.old_ids | {one: "" for one in update.new.workflows if one not in update.workflows}
    asks = plan_asks(uow, update.asked(), {})
    update.credentials = update.kept | {ask.name: ask.chosen for ask in asks if ask.chosen}
    merged = {one: _merge(update, one, ids, MINE) for one in update.new.workflows if one in update.workflows}
    agents = {one: _merge_agent(uow, update, one, MINE) for one in update.new.agents if one in update.own_agents}
    clashes: list[UpdateClash] = [clash for one in (*merged.values(), *agents.values()) for clash in one.clashes]
    wider = what_is_wider(manifest_from(update.before.manifest), manifest_from(update.after.manifest))
    return UpdatePlan(
        name=update.listing.name,
        before=update.before.number,
        after=update.after.number,
        versions=_between(uow, update),
        permissions=permission_lines(update.after.manifest),
        widened=tuple(in_words(wider)),
        workflows=tuple(
            WorkflowChange(update.workflows[one].name, *tell_changes(dump_spec(update.base(one)), dump_spec(update.wanted(one, ids))))
            for one in merged
        ),
        agents=tuple(f"{one.spec.name}: {', '.join(one.changed)}" for one in agents.values() if one.changed),
        added=tuple(
            spec.name or one
            for now, had in ((update.new.workflows, update.workflows), (update.new.agents, update.agents))
            for one, spec in now.items()
            if one not in had
        ),
        left=tuple(update.workflows[one].name for one in update.workflows if one not in update.new.workflows),
        clashes=tuple(clashes),
        has_own=any(one.has_own for one in (*merged.values(), *agents.values())),
        asks=asks,
        can_make=can_make(uow),
    )


def update_install(uow: UnitOfWork, *, slug: object, version: object, take: object = MINE, credentials: object = None) -> str:
    """Merge the version whose plan was shown into the copy; `take` is mine, theirs or replace. Returns the main workflow's id.

    `credentials` answers for those that it newly names; what was chosen before stays.
    """
    require(uow, Permission.EDIT)
    if take not in (MINE, THEIRS, REPLACE):
        raise Invalid("Choose whose changes count.", fields={"take": "Choose mine, theirs or replace."})
    update = _read(uow, slug, for_update=True)
    if update.after.number != version:
        raise Conflict(f"Version {update.after.number} came out meanwhile. Look at what it changes, then update.", code="other_version")
    update.credentials = read_mapping(uow, update.asked(), credentials, update.kept)
    origin = origin_for(uow, update.listing, update.after)
    fresh = _update_agents(uow, update, origin, str(take))
    ids = {one: str(row.id) for one, row in update.workflows.items()}
    for one in callees_first(update.new.workflows, KINDS):
        if one in update.workflows:
            _update_workflow(uow, update, one, ids, origin=origin, take=str(take))
        else:
            ids[one] = bring_workflow(uow, update.new, one, update.wanted(one, ids), origin=origin).id
    update.install.version_id, update.install.credentials = update.after.id, update.credentials
    update.install.workflow_ids = [ids[one] for one in update.new.workflows]
    update.install.agents = {
        one: {"slug": update.targets[one], "is_own": one in update.own_agents or one in fresh} for one in update.new.agents
    }
    uow.session.flush()
    return update.install.workflow_ids[0]


def may_update(uow: UnitOfWork, listing: Listing) -> bool:
    """Later versions are for who has paid for the listing, where it has a price."""
    return listing.price_cents == 0 or listing.workspace_id == uow.workspace_id or has_paid(uow, listing)


def _read(uow: UnitOfWork, slug: object, *, for_update: bool = False) -> _Update:
    listing = load_listing(uow, slug)
    install = installed(uow, listing)
    if install is None:
        raise NotFound("This installation")
    if for_update:
        uow.session.refresh(install, with_for_update=True)
    if not may_update(uow, listing):
        raise ListingNotBought()
    after = allowed_version(uow, listing)
    before = uow.session.exec(select(ListingVersion).where(ListingVersion.id == install.version_id)).one()
    if version_key(after.number) <= version_key(before.number):
        raise Conflict("This is the newest version already.", code="newest_already")
    old = read_package(before)
    old_ids = dict(zip(old.workflows, install.workflow_ids, strict=False))
    kept: dict[str, dict[str, object]] = install.agents or {one: {"slug": one, "is_own": True} for one in old.agents}
    old_targets = {one: str(entry["slug"]) for one, entry in kept.items()}
    agents = _agents(uow, old_targets)
    own = frozenset(one for one in agents if kept[one]["is_own"] and one in old.agents)
    workflows, mapping = _workflows(uow, old_ids), kept_mapping(install, before.manifest)
    return _Update(listing, install, before, after, old, read_package(after), workflows, agents, own, old_targets, old_ids, mapping)


def _workflows(uow: UnitOfWork, ids: dict[str, str]) -> dict[str, Workflow]:
    """The copies that still exist."""
    wanted = [parsed for one in ids.values() if (parsed := parse_id(one))]
    alive = uow.scoped(Workflow).where(col(Workflow.id).in_(wanted), col(Workflow.deleted_at).is_(None))
    rows = {str(row.id): row for row in uow.session.exec(alive)}
    return {slug: rows[one] for slug, one in ids.items() if one in rows}


def _agents(uow: UnitOfWork, targets: dict[str, str]) -> dict[str, Agent]:
    alive = uow.scoped(Agent).where(col(Agent.slug).in_(list(targets.values())), col(Agent.deleted_at).is_(None))
    rows = {row.slug: row for row in uow.session.exec(alive)}
    return {slug: rows[target] for slug, target in targets.items() if target in rows}


def _merge(update: _Update, slug: str, ids: dict[str, str], take: str) -> MergedWorkflow:
    here = update.workflows[slug].draft
    return merge_workflow(base=update.base(slug), here=here, after=update.wanted(slug, ids), take=take)


def _merge_agent(uow: UnitOfWork, update: _Update, slug: str, take: str) -> MergedAgent:
    row = update.agents[slug]
    here = spec_of(load_version(uow, row, row.version))
    base, after = (named_agent(slug, bundle.agents[slug]) for bundle in (update.old, update.new))
    return merge_agent(base=base, here=here, after=after, take=take)


def _update_agents(uow: UnitOfWork, update: _Update, origin: Origin | None, take: str) -> frozenset[str]:
    """Merge the copy's own agents; one that the workspace had before is left alone, and a changed one comes beside it."""
    for slug in update.new.agents:
        row = update.agents.get(slug)
        if row is None or (slug not in update.own_agents and update.old.agents.get(slug) != update.new.agents[slug]):
            continue
        update.targets[slug] = row.slug
        if slug in update.own_agents:
            merged = _merge_agent(uow, update, slug, take)
            if merged.spec != spec_of(load_version(uow, row, row.version)):
                add_version(uow, row, merged.spec)
            row.origin = origin.model_dump() if origin else None
    rest = {slug: spec for slug, spec in update.new.agents.items() if slug not in update.targets}
    coming = update.new.model_copy(update={"agents": rest})
    brought = {one.slug: bring_agent(uow, one, coming, origin, []) for one in plan_agents(uow, coming)}
    update.targets |= {slug: one.target for slug, one in brought.items()}
    return frozenset(slug for slug, one in brought.items() if one.action != "reuse")


def _update_workflow(uow: UnitOfWork, update: _Update, slug: str, ids: dict[str, str], *, origin: Origin | None, take: str) -> None:
    row = load_workflow(uow, update.workflows[slug].id, for_update=True)
    merged = _merge(update, slug, ids, take)
    if merged.operations:
        kept = keep_version(uow, row)
        kept.name = kept.name or f"Before {update.after.number} of {update.listing.name}"[:120]
        apply_own(uow, row, merged.operations, client_key=f"update:{new_id().hex}")
    cases = [test.case() for test in update.new.tests if test.workflow == slug]
    add_missing_tests(uow, workflow=row, cases=cases)
    row.origin = origin.model_dump() if origin else None


def _between(uow: UnitOfWork, update: _Update) -> tuple[VersionRow, ...]:
    """The versions that came out since, newest first; what was never on the shelf is not among them."""
    refused = select(ModerationCase.version_id).where(ModerationCase.kind == "version", ModerationCase.state != "approved")
    mine = select(ListingVersion).where(ListingVersion.listing_id == update.listing.id, ~col(ListingVersion.id).in_(refused))
    rows = [row for row in uow.session.exec(mine) if version_key(update.before.number) < version_key(row.number)]
    ordered = sorted(
        (row for row in rows if version_key(row.number) <= version_key(update.after.number)), key=lambda row: version_key(row.number)
    )
    return tuple(
        VersionRow(row.number, row.changelog, row.licence, row.created_at, row.digest, is_current=row.id == update.after.id)
        for row in reversed(ordered)
    )
