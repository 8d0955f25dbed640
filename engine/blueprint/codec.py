"""Blueprints: a Bundle as YAML and back, without loss; exports, imports, templates and the command line call `encode` and `decode`."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from engine.blueprint.bundle import Bundle, BundleTest, Metadata
from engine.blueprint.manifest import manifest_of
from engine.blueprint.shape import Slip, read_workflow, show_agent, show_workflow
from engine.blueprint.triggers import BundleSchedule, BundleWebhook
from engine.blueprint.yaml_text import Document, FlowList, read_yaml, write_yaml
from engine.errors import Finding, SpecError
from engine.expressions.errors import suggest
from engine.json import JsonObject
from engine.nodes.base import NodeKind
from engine.spec.agent import AgentSlug
from engine.spec.explain import explain, shown
from engine.spec.guard import check_json
from engine.spec.upgrade import load_agent, load_workflow

API_VERSION = "agentfactory/v1"
KIND = "Bundle"
_SECTIONS = ("apiVersion", "kind", "metadata", "permissions", "agents", "workflows", "tests", "schedules", "webhooks")
_NEWER = re.compile(r"agentfactory/v([2-9]|[1-9][0-9]{1,3})")
_SHORT_NAME: TypeAdapter[dict[str, None]] = TypeAdapter(dict[AgentSlug, None])
Path = tuple[str | int, ...]
S = TypeVar("S")
M = TypeVar("M", bound=BaseModel)


def encode(bundle: Bundle, kinds: Mapping[str, NodeKind[Any]]) -> str:
    """The blueprint text. The permissions are computed; nothing else is added or lost."""
    manifest = manifest_of(bundle, kinds).as_json()
    document: JsonObject = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": bundle.metadata.name, "version": bundle.metadata.version},
        "permissions": {key: FlowList(value) if isinstance(value, list) else value for key, value in manifest.items()},
    }
    if bundle.metadata.description:
        document["metadata"]["description"] = bundle.metadata.description
    if bundle.metadata.origins:
        document["metadata"]["origins"] = {place: origin.model_dump() for place, origin in bundle.metadata.origins.items()}
    if bundle.agents:
        document["agents"] = {slug: show_agent(agent) for slug, agent in bundle.agents.items()}
    if bundle.workflows:
        document["workflows"] = {slug: show_workflow(workflow) for slug, workflow in bundle.workflows.items()}
    if bundle.tests:
        document["tests"] = [_show_listed(test) for test in bundle.tests]
    if bundle.schedules:
        document["schedules"] = [_show_listed(schedule) for schedule in bundle.schedules]
    if bundle.webhooks:
        document["webhooks"] = [_show_listed(webhook) for webhook in bundle.webhooks]
    return write_yaml(document)


def _show_listed(item: BundleTest | BundleSchedule | BundleWebhook) -> JsonObject:
    """A test or trigger with its name and workflow first."""
    dumped = item.model_dump(mode="json", exclude_defaults=True)
    return {"name": item.name, "workflow": item.workflow, **dumped}


def decode(source: str | bytes) -> Bundle:
    """Read a blueprint nobody vouches for. Runs nothing; raises SpecError with every finding, each with line, column and remedy."""
    document = read_yaml(source)
    reader = _Reader(document)
    reader.check_text()
    root = reader.root()
    agents = reader.section(root, "agents", lambda raw, _path: load_agent(raw))
    workflows = reader.section(root, "workflows", reader.workflow)
    metadata = reader.metadata(root)
    tests = reader.listed(root, "tests", BundleTest)
    schedules = reader.listed(root, "schedules", BundleSchedule)
    webhooks = reader.listed(root, "webhooks", BundleWebhook)
    reader.check_targets("schedules", [one.workflow for one in schedules], workflows)
    reader.check_targets("webhooks", [one.workflow for one in webhooks], workflows)
    if reader.findings:
        raise SpecError(reader.findings)
    parts = {"agents": agents, "workflows": workflows, "tests": tests, "schedules": schedules, "webhooks": webhooks}
    bundle = reader.guarded((), lambda: Bundle.model_validate({"metadata": metadata, **parts}))
    if bundle is None or reader.findings:
        raise SpecError(reader.findings)
    return bundle


def unusable_in(bundle: Bundle) -> list[Finding]:
    """What keeps a blueprint that was read from coming in: it brings nothing, or tests of a workflow that it does not hold."""
    if not (bundle.agents or bundle.workflows):
        remedy = "Export a workflow, or write one below 'workflows:'."
        return [Finding("empty_blueprint", "The blueprint holds neither workflows nor agents.", remedy, field="workflows")]
    return [
        Finding("unknown_workflow", _no_workflow(test.workflow), _other_workflow(test.workflow, bundle.workflows, "tests"), field=place)
        for index, test in enumerate(bundle.tests)
        if test.workflow not in bundle.workflows and (place := f"tests.{index}.workflow")
    ]


def _no_workflow(slug: str) -> str:
    return f"There is no workflow '{slug}' in this blueprint."


def _other_workflow(slug: str, workflows: Mapping[str, object], section: str) -> str:
    return suggest(slug, list(workflows), what="workflows") or f"Remove it from the {section}."


class _Reader:
    """Collects findings while it takes the document apart."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []

    def slip(self, path: Path, message: str, remedy: str, *, code: str = "invalid_blueprint") -> None:
        """Note a finding at its place in the text; its field is the whole path, from the top of the document."""
        line, column = self.document.place(path)
        field = ".".join(str(part) for part in path) or None
        self.findings.append(Finding(code, message, remedy, field=field, line=line, column=column))

    def check_text(self) -> None:
        """NUL and lone surrogates can be written as escapes, so they are looked for once more."""
        try:
            check_json(self.document.value)
        except SpecError as error:
            raise SpecError([self.placed(finding, ()) for finding in error.findings]) from error

    def root(self) -> JsonObject:
        """The document as an object of the right kind and version; anything else ends the reading."""
        root = self.document.value
        if not isinstance(root, dict):
            remedy = f"Choose a file that was exported here; its first line is 'apiVersion: {API_VERSION}'."
            self.slip((), f"A blueprint consists of named sections, and this is {shown(root)}.", remedy)
            raise SpecError(self.findings)
        self._check_kind(root.get("apiVersion"), root.get("kind"))
        if self.findings:
            raise SpecError(self.findings)
        for key in root:
            if key not in _SECTIONS:
                self.slip((key,), f"There is no section '{key[:60]}'.", suggest(key, _SECTIONS, what="sections"), code="unknown_field")
        return root

    def _check_kind(self, version: object, kind: object) -> None:
        """Only a version that is to come is mended by another product; whatever else stands there was never written by one."""
        remedy = f"Write 'apiVersion: {API_VERSION}'."
        if isinstance(version, str) and _NEWER.fullmatch(version):
            message = f"This blueprint was made by a newer version of the product ('{version}'; this one reads '{API_VERSION}')."
            self.slip(("apiVersion",), message, "Update the product, then import it again.", code="newer_version")
        elif version is None:
            self.slip(("apiVersion",), "'apiVersion' is missing, so this may be no blueprint.", remedy, code="unknown_version")
        elif version != API_VERSION:
            message = f"'apiVersion' must be '{API_VERSION}', not {shown(version)}."
            self.slip(("apiVersion",), message, remedy, code="unknown_version")
        elif kind != KIND:
            message = "'kind' is missing." if kind is None else f"'kind' must be '{KIND}', not {shown(kind)}."
            self.slip(("kind",), message, f"Write 'kind: {KIND}'.")

    def section(self, root: JsonObject, name: str, load: Callable[[JsonObject, Path], S | None]) -> dict[str, S]:
        """A mapping of slugs to definitions."""
        raw = root.get(name)
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            message = f"'{name}' must have a short name in front of each entry; this is {shown(raw)}."
            self.slip((name,), message, f"Write 'short_name:' below '{name}:', and the entry below that.")
            return {}
        made: dict[str, S] = {}
        for slug, definition in raw.items():
            path = (name, slug)
            if self.guarded((name,), lambda slug=slug: _SHORT_NAME.validate_python({slug: None})) is None:
                continue
            if not isinstance(definition, dict):
                self.slip(path, f"'{slug[:60]}' must have fields; this is {shown(definition)}.", "Write them below it.")
                continue
            loaded = self.guarded(path, lambda raw=definition, path=path: load(raw, path))
            if loaded is not None:
                made[slug] = loaded
        return made

    def workflow(self, shown: JsonObject, path: Path) -> Any:
        """One workflow from its readable form."""
        raw, slips = read_workflow(shown)
        if slips:
            self._slips(slips, path)
            return None
        return load_workflow(raw)

    def _slips(self, slips: list[Slip], path: Path) -> None:
        for slip in slips[:100]:
            self.slip((*path, *slip.path), slip.message, slip.remedy)

    def metadata(self, root: JsonObject) -> Metadata:
        """The title page; a bundle without one is named by its first workflow."""
        raw = root.get("metadata")
        if isinstance(raw, dict):
            made = self.guarded(("metadata",), lambda: Metadata.model_validate(raw))
            return made or Metadata(name="?")
        message = "'metadata' is missing." if raw is None else f"'metadata' must have fields; this is {shown(raw)}."
        self.slip(("metadata",), message, "Write 'metadata:' and below it 'name:' and 'version: 1.0.0'.")
        return Metadata(name="?")

    def listed(self, root: JsonObject, name: str, model: type[M]) -> list[M]:
        """A section that is a list: tests and triggers."""
        raw = root.get(name)
        if raw is None:
            return []
        if not isinstance(raw, list):
            self.slip((name,), f"'{name}' must be a list.", f"Start each of the {name} with a dash.")
            return []
        known = set(root.get("workflows") or ())  # a short name that is wrong is told where it is given, not wherever it is used
        made = [self.guarded((name, at), lambda item=item: model.model_validate(item)) for at, item in enumerate(raw)]
        places = {
            ".".join((name, str(at), "workflow")) for at, item in enumerate(raw) if isinstance(item, dict) and item.get("workflow") in known
        }
        self.findings = [finding for finding in self.findings if finding.field not in places]
        return [one for one in made if one is not None]

    def check_targets(self, name: str, wanted: list[str], workflows: Mapping[str, object]) -> None:
        """Triggers name workflows of the same blueprint."""
        for index, slug in enumerate(wanted):
            if slug not in workflows and not self.findings:
                self.slip((name, index, "workflow"), _no_workflow(slug), _other_workflow(slug, workflows, name))

    def guarded(self, path: Path, action: Callable[[], S]) -> S | None:
        """Run one loader; its complaints become findings at their places."""
        try:
            return action()
        except SpecError as error:
            self.findings.extend(self.placed(finding, path) for finding in error.findings)
        except ValidationError as error:
            for problem in explain(error):
                self.slip((*path, *problem.loc), problem.message, problem.remedy, code=problem.code)
        return None

    def placed(self, finding: Finding, path: Path) -> Finding:
        """A loader's finding with its line and column in the document."""
        parts: list[str | int] = list(path)
        if finding.node is not None:
            parts += ["nodes", finding.node]
        parts += [int(part) if part.isdigit() else part for part in (finding.field or "").split(".") if part]
        line, column = self.document.place(parts)
        field = ".".join(str(part) for part in parts) or None
        return Finding(finding.code, finding.message, finding.remedy, field=field, line=line, column=column)
