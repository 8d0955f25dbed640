"""Judges every reference in templates and conditions: does the name exist here, does it run before, may it be skipped, has it the field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import Finding, Fix
from engine.expressions import moments
from engine.expressions.analysis import Analysis, Reference, analyze_condition, analyze_template, plain_reference
from engine.expressions.errors import ExpressionError
from engine.graph.fixes import add_input, answer_name, swap
from engine.graph.hidden import why_hidden
from engine.graph.order import ScopeOrder
from engine.graph.outline import TOP, NodeView, Outline, ScopeView
from engine.graph.report import Report
from engine.graph.schemas import ERROR_SCHEMA, UNKNOWN, describe, field_names, follow, schema_of_value, types_of, union
from engine.graph.texts import ConfigField, agent_names, config_fields
from engine.json import JsonSchema
from engine.spec.agent import AgentSpec
from engine.spec.workflow import UNDO_PORT, CalledWorkflow

_FITS = {
    "list": (frozenset({"array"}), "a list"),
    "entries": (frozenset({"array", "object"}), "a list"),
    "object": (frozenset({"object"}), "an object"),
    "number": (frozenset({"number", "integer", "string"}), "a number"),
    "exact_number": (frozenset({"number", "integer", "null"}), "a number"),
    "exact_text": (frozenset({"string", "null"}), "a text"),
}
_INSIDE = {
    "item": "It exists only inside a container that goes through a list.",
    "index": "It exists only inside a container that goes through a list; in a loop it is 'loop.index'.",
    "loop": "It exists only inside 'Repeat'.",
    "error": "It exists only in an undo step; behind an error way out, refer to the step that failed.",
}
_SPLIT = "Make it a list, for example with “| split: ','” or '| lines'."
_CONVERT = {"exact_number": "Turn it into a number with '| number'.", "list": _SPLIT}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands. `is_after_body` is a container's own text that is evaluated inside its body, `is_own` not the agent's.

    `within` begins what is said of a text that stands somewhere else.
    """

    node: NodeView
    field: str
    is_after_body: bool = False
    is_own: bool = True
    within: str = ""


@dataclass(slots=True)
class ReferenceCheck:
    """One pass over all references of a workflow."""

    outline: Outline
    agents: Mapping[str, AgentSpec]
    report: Report
    workflows: Mapping[str, CalledWorkflow] = field(default_factory=dict)
    _schemas: dict[str, JsonSchema] = field(default_factory=dict)
    _variables: list[str] | None = None

    def check_node(self, node: NodeView) -> None:
        """Every text in the node's config."""
        if node.config is None:
            return
        for item in config_fields(node.config):
            if item.is_condition:
                self._check_condition(node, item)
            elif item.is_template:
                self._check_template(node, item)
            for slug in agent_names(item):
                if slug in self.agents:
                    self._check_instructions(node, item, slug)

    def _check_condition(self, node: NodeView, item: ConfigField) -> None:
        text = item.value if isinstance(item.value, str) else ""
        if not text.strip():
            is_case = "." in item.path  # one of several, unlike the condition of a loop
            remedy = f"Write one, such as 'inputs.score > 0.5'{', or remove the case' if is_case else ''}."
            self.report.error("missing_value", "The condition is empty.", remedy, node=node.id, field=item.path)
            return
        try:
            analysis = analyze_condition(text)
        except ExpressionError as error:
            self.report.add(error.finding(node.id, item.path, code="condition_error"))
            return
        self._judge_all(analysis, Place(node, item.path, node.is_container))

    def _check_template(self, node: NodeView, item: ConfigField) -> None:
        is_after_body = node.is_container and item.is_late
        wants_list = node.is_container and item.path == "items"
        if wants_list and not isinstance(item.value, list | dict | str | None):
            self.report.error(
                "type_mismatch", "This must be a list.", "Refer to a list, such as {{ inputs.rows }}.", node=node.id, field=item.path
            )
        for path, text in item.texts():
            try:
                analysis = analyze_template(text)
            except ExpressionError as error:
                self.report.add(error.finding(node.id, path))
                continue
            if wants_list and path == "items":
                analysis = self._as_list(node, path, text, analysis)
            self._judge_all(analysis, Place(node, path, is_after_body))

    def _check_instructions(self, node: NodeView, item: ConfigField, slug: str) -> None:
        """The agent's instructions are a template over the names this node sees."""
        try:
            analysis = analyze_template(self.agents[slug].instructions)
        except ExpressionError as error:
            self.report.add(replace(error.finding(node.id, item.path), message=f"In the instructions of '{slug}': {error.message}"))
            return
        self._judge_all(analysis, Place(node, item.path, is_own=False, within=f"In the instructions of '{slug}': "))

    def _as_list(self, node: NodeView, path: str, text: str, analysis: Analysis) -> Analysis:
        """A container's items are a list: a plain path must lead to one, plain words cannot be one."""
        if analysis.is_constant and text.strip():
            remedy = "Refer to a list, such as {{ inputs.rows }}."
            self.report.error("type_mismatch", "A text is not a list.", remedy, node=node.id, field=path)
        if not analysis.is_plain_path:
            return analysis
        return replace(analysis, references=tuple(replace(reference, use="entries") for reference in analysis.references))

    def _judge_all(self, analysis: Analysis, place: Place) -> None:
        for reference in analysis.references:
            self._judge(reference, place)

    def _judge(self, reference: Reference, place: Place) -> None:
        schema = self._schema_of_root(reference, place)
        if schema is None:
            return
        path = reference.path[1:]
        end = follow(schema, path)
        if reference.root == "inputs" and path and not reference.guarded and self._is_form_empty():
            message = f"The start asks for nothing, so '{reference}' is there only when whoever starts the run sends it along."
            remedy, fixes = f"Add the field '{path[0]}' to the start.", add_input(self.outline.start(), path[0])
            self._add("undeclared_input", message, remedy, reference, place, severity="warning", fixes=fixes)
        if end.is_missing:
            if not reference.guarded:
                self._report_missing_field(reference, end.failed_at, end.holder, place)
            return
        fits, wanted = _FITS.get(reference.use, (frozenset[str](), ""))
        found = types_of(end.schema)
        if fits and found and not found & fits and not reference.guarded:
            message = f"'{reference}' is {describe(end.schema)}, but {wanted} is needed here."
            self._add("type_mismatch", message, _CONVERT.get(reference.use, "Refer to something else."), reference, place)

    # -- what a root name stands for

    def _schema_of_root(self, reference: Reference, place: Place) -> JsonSchema | None:
        """The schema of the root, or None when the reference has been dealt with."""
        root = reference.root
        containers = [*([place.node] if place.is_after_body else []), *self.outline.containers_of(place.node)]
        if root == "inputs":
            return self.inputs()
        if root in moments.NAMES and root not in self.outline.nodes:
            return {"type": "string"}
        if root == "vars":
            return self._variable(reference, place)
        given = self._given(root, containers, place)
        if given is not None:
            return given
        if root in _INSIDE and root not in self.outline.nodes:
            self._add("unknown_reference", f"There is no '{root}' here.", _INSIDE[root], reference, place)
            return None
        return self._output(reference, place)

    def _given(self, root: str, containers: list[NodeView], place: Place) -> JsonSchema | None:
        """What the nearest container that knows the name gives under it."""
        inner = place.node
        for container in containers:
            kind = container.kind
            if kind is not None and root in kind.gives:
                if root == "item" and kind.gives[root] == UNKNOWN:
                    return self._item(container)
                if not kind.is_region or (container is not inner and self._is_undoing(inner)):
                    return kind.gives[root]
            inner = container
        return None

    def _is_undoing(self, node: NodeView) -> bool:
        return node.slot in self.outline.scopes[node.scope].undo.values()

    def inputs(self) -> JsonSchema:
        """What the start's form takes."""
        start = self.outline.start()
        return UNKNOWN if start is None else self.schema_of(start)

    def _is_form_empty(self) -> bool:
        start = self.outline.start()
        return start is not None and start.config is not None and not getattr(start.config, "fields", ())

    def _item(self, container: NodeView) -> JsonSchema:
        """One entry of the list the container goes through, if that list is a plain path."""
        items = getattr(container.config, "items", None)
        if isinstance(items, list):
            return union([schema_of_value(value) for value in items[:20]])
        if not isinstance(items, str):
            return UNKNOWN
        reference = plain_reference(items)
        if reference is None:
            return UNKNOWN
        node = self.outline.nodes.get(reference.root)
        root = self.inputs() if reference.root == "inputs" else UNKNOWN if node is None else self.schema_of(node)
        return follow(root, (*reference.path[1:], None)).schema

    def schema_of(self, node: NodeView) -> JsonSchema:
        """What the node's output looks like, also when it failed and the run went on."""
        known = self._schemas.get(node.id)
        if known is None:
            known = UNKNOWN
            if node.kind is not None and node.config is not None:
                known = node.kind.schema_of(node.config, agents=self.agents, workflows=self.workflows)
                self._schemas[node.id] = known  # a container that refers to itself stops here
                if node.is_region:
                    known = self._of_region(node)
                elif node.is_container:
                    known = self._with_results(node, known)
                policy = node.spec.on_error
                if policy.action == "branch" and node.kind.can_fail:
                    known = union([known, ERROR_SCHEMA]) if types_of(known) else UNKNOWN
                elif policy.action == "default" and types_of(known):
                    known = union([known, schema_of_value(policy.default)])
            self._schemas[node.id] = known
        return known

    def _with_results(self, container: NodeView, schema: JsonSchema) -> JsonSchema:
        """A container's `results` are a list of what one item gives: its own `result`, or the output of the body's only last node."""
        results = schema.get("properties", {}).get("results")
        if not isinstance(results, dict) or results.get("type") != "array" or "items" in results:
            return schema
        item = self._result_of_item(container)
        return {**schema, "properties": {**schema["properties"], "results": {**results, "items": item}}} if item else schema

    def _of_region(self, region: NodeView) -> JsonSchema:
        """What its body gives, or the facts of its time limit."""
        known = self._result_of_item(region)
        return union([known, ERROR_SCHEMA]) if len(region.ports) > 1 and types_of(known) else known

    def _result_of_item(self, container: NodeView) -> JsonSchema:
        wanted = getattr(container.config, "result", None)
        body = self.outline.scopes[container.id]
        if wanted is None:
            dormant = body.undo.values()
            last = [node for node in body.nodes if body.edges[node.slot] in ([], [(UNDO_PORT, body.undo.get(node.slot))])]
            last = [node for node in last if node.slot not in dormant]
            return self.schema_of(last[0]) if len(last) == 1 and len(last[0].ports) == 1 else UNKNOWN
        if not isinstance(wanted, str):
            return UNKNOWN
        reference = plain_reference(wanted)
        node = self.outline.nodes.get(reference.root) if reference is not None else None
        if reference is None or node is None or node.scope != container.id:
            return UNKNOWN
        end = follow(self.schema_of(node), reference.path[1:])
        return UNKNOWN if end.is_missing else end.schema

    # -- outputs of other nodes

    def _output(self, reference: Reference, place: Place) -> JsonSchema | None:
        target = self.outline.nodes.get(reference.root)
        if target is None and reference.root in self.report.lost:
            return None
        if target is None:
            names = self.visible(place)
            remedy, fixes = self.report.suggest(reference.root, names), self._swap(reference, 0, names, place)
            self._add("unknown_reference", f"There is nothing called '{reference.root}' here.", remedy, reference, place, fixes=fixes)
            return None
        seen_from = self._seen_from(target, place)
        if seen_from is None:
            self._report_hidden(reference, target, place)
            return None
        scope, slot = seen_from
        order = scope.order
        if order is not None and not reference.guarded:
            missed = self._missed_after(place, order) if slot is None else order.may_miss[slot]
            if missed >> target.slot & 1:
                self._report_skippable(reference, target, place)
            elif slot is not None and order.late[slot] >> target.slot & 1:
                self._report_late(reference, target, place)
        return self.schema_of(target)

    def _missed_after(self, place: Place, order: ScopeOrder) -> int:
        """What may have no result when a container's own text is read."""
        kind, config = place.node.kind, place.node.config
        is_early = kind is not None and config is not None and place.field in kind.early_fields(config)
        return -1 if is_early else order.never_sure

    def _seen_from(self, target: NodeView, place: Place) -> tuple[ScopeView, int | None] | None:
        """The scope of the target and the slot in it from which the place looks; None when the target is not upstream of it."""
        if place.is_after_body and target.scope == place.node.id:
            return self.outline.scopes[target.scope], None
        for viewer in (place.node, *self.outline.containers_of(place.node)):
            if viewer.scope == target.scope:
                scope = self.outline.scopes[viewer.scope]
                is_upstream = scope.order is not None and scope.order.upstream[viewer.slot] >> target.slot & 1
                return (scope, viewer.slot) if is_upstream else None
        return None

    def visible(self, place: Place) -> list[str]:
        """Names that could have been meant, nearest first."""
        names = ["inputs", "vars", *moments.NAMES]
        for viewer in (place.node, *self.outline.containers_of(place.node)):
            scope = self.outline.scopes[viewer.scope]
            upstream = scope.order.upstream[viewer.slot] if scope.order else 0
            near = [node.id for node in scope.nodes[max(0, viewer.slot - 200) : viewer.slot + 200] if upstream >> node.slot & 1]
            names.extend(reversed(near))
            if viewer.scope != TOP and (kind := self.outline.nodes[viewer.scope].kind) is not None:
                names.extend(kind.gives)
        return names

    def _variable(self, reference: Reference, place: Place) -> JsonSchema | None:
        """A variable set by a node upstream; every node that sets it counts together."""
        if len(reference.path) < 2 or not isinstance(reference.path[1], str):
            return UNKNOWN
        name = reference.path[1]
        setters: list[NodeView] = []
        is_set = is_sure = False
        for viewer in (place.node, *self.outline.containers_of(place.node)):
            scope = self.outline.scopes[viewer.scope]
            if scope.order is None:
                return UNKNOWN
            known = scope.order.upstream[viewer.slot] & scope.setters.get(name, 0)
            is_set = is_set or bool(known | scope.order.upstream[viewer.slot] & scope.free_setters)
            if known:
                setters.extend(scope.nodes[slot] for slot in {known.bit_length() - 1, (known & -known).bit_length() - 1})
                mark = len(scope.nodes) + scope.variables[name]
                is_settled = bool(known & ~scope.order.late[viewer.slot])
                is_sure = is_sure or (is_settled and not scope.order.may_miss[viewer.slot] >> mark & 1)
        if reference.guarded:
            return self._schema_of_variable(name, setters) if is_set else None
        if not is_set:
            if self._variables is None:
                self._variables = sorted({known for scope in self.outline.scopes.values() for known in scope.variables})
            remedy = self.report.suggest(name, self._variables, what="variables") or "Set it in a step before this one."
            self._add("unknown_reference", f"No step before this one sets the variable '{name}'.", remedy, reference, place)
            return None
        if not is_sure and setters:
            self._add(
                "may_be_skipped",
                f"The variable '{name}' is not set on every way to this step.",
                _OR_DEFAULT,
                reference,
                place,
                severity="warning",
            )
        return self._schema_of_variable(name, setters)

    def _schema_of_variable(self, name: str, setters: list[NodeView]) -> JsonSchema:
        """Known only when a single node sets it."""
        found = follow(self.schema_of(setters[0]), (name,)).schema if len(setters) == 1 else UNKNOWN
        return {"type": "object", "properties": {name: found}}

    # -- reporting

    def _report_missing_field(self, reference: Reference, failed_at: int, holder: JsonSchema, place: Place) -> None:
        name = reference.path[failed_at + 1]
        base = str(Reference(reference.path[: failed_at + 1], 0, 0))
        names = field_names(holder)
        if names:
            remedy, fixes = self.report.suggest(str(name), names, what="fields"), self._swap(reference, failed_at + 1, names, place)
            if base == "inputs":
                fixes += add_input(self.outline.start(), name)
            self._add("unknown_field", f"'{base}' has no field '{name}'.", remedy, reference, place, fixes=fixes)
            return
        message = f"'{base}' is {describe(holder)}, so it has no '{'entries' if name is None else name}'."
        self._add("unknown_field", message, f"Use '{base}' itself.", reference, place)

    def _report_hidden(self, reference: Reference, target: NodeView, place: Place) -> None:
        message, remedy = why_hidden(self.outline, target, place.node)
        self._add("not_upstream", message, remedy, reference, place)

    def _report_skippable(self, reference: Reference, target: NodeView, place: Place) -> None:
        message = f"“{target.name}” may be skipped when this runs, and then it has no result."
        self._add("may_be_skipped", message, _OR_DEFAULT, reference, place, severity="warning")

    def _report_late(self, reference: Reference, target: NodeView, place: Place) -> None:
        message = f"“{target.name}” may not be finished when this runs, because not every connection is waited for."
        self._add("may_be_late", message, f"Let the step wait for all its connections. {_OR_DEFAULT}", reference, place, severity="warning")

    def _swap(self, reference: Reference, at: int, names: Iterable[str], place: Place) -> tuple[Fix, ...]:
        known, name = list(names), str(reference.path[at])
        near = (self.report.near(name, known) or answer_name(name, known, at)) if place.is_own else None
        return swap(reference, at, near, node=place.node.id, path=place.field)

    def _add(self, code: str, message: str, remedy: str, reference: Reference, place: Place, **more: Any) -> None:
        more |= {"node": place.node.id, "field": place.field, "line": reference.line, "column": reference.column}
        self.report.add(Finding(code, place.within + message, remedy, **more))


_OR_DEFAULT = "Add '| default: ...', or test it with {% if %}."
