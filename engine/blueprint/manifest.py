"""What a bundle will be able to do, computed from its content: the permission screen before an import shows exactly this."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import ValidationError

from engine.blueprint.bundle import Bundle
from engine.graph.texts import ConfigField, config_fields
from engine.json import JsonObject
from engine.nodes.base import NodeKind
from engine.spec.workflow import NodeSpec

ANY_HOST = "*"  # the address is only known when it runs
_HOST = re.compile(r"\s*https?://(?:[^/?#@{}]*@)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?(?=[/?#]|\s*\Z)")
_WEB_TOOLS = frozenset({"web_fetch"})
_FILLED = re.compile(r"\{[{%].*?(?:[}%]\}|\Z)", re.DOTALL)  # what a name takes from a run, which is nothing to show of a sealed package
_SECTIONS = ("models", "tools", "hosts", "credentials", "code", "signals")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Sorted and without repetition; `signals` are names with … for what is filled in, `runs_code` is about the sandboxed interpreter."""

    models: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    runs_code: bool = False
    signals: tuple[str, ...] = ()  # that let other runs of the workspace go on

    def as_json(self) -> JsonObject:
        """The section `permissions` of a blueprint; it says nothing of signals where none are sent."""
        told = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        return {key: value for key, value in told.items() if value or key != "signals"}


def manifest_of(bundle: Bundle, kinds: Mapping[str, NodeKind[Any]]) -> Manifest:
    """Walk over all agents and nodes; a config that is not valid counts as far as it can be read."""
    found: dict[str, set[str]] = {name: set() for name in _SECTIONS}
    for agent in bundle.agents.values():
        found["models"].update((agent.model, *agent.fallback_models))
        found["tools"].update(agent.tools)
    for workflow in bundle.workflows.values():
        for node in workflow.nodes:
            _note(node, kinds.get(node.kind), found)
    if found["tools"] & _WEB_TOOLS:
        found["hosts"].add(ANY_HOST)
    return Manifest(
        models=_sorted(found["models"]),
        tools=_sorted(found["tools"]),
        hosts=_sorted(found["hosts"]),
        credentials=_sorted(found["credentials"]),
        runs_code=bool(found["code"]),
        signals=_sorted(found["signals"]),
    )


def credential_hosts(bundle: Bundle, kinds: Mapping[str, NodeKind[Any]]) -> dict[str, tuple[str, ...]]:
    """The credentials that steps name, sorted, each with the hosts it is sent to; `ANY_HOST` where an address is only known at run time."""
    found: dict[str, set[str]] = {}
    for node in (node for workflow in bundle.workflows.values() for node in workflow.nodes):
        one: dict[str, set[str]] = {name: set() for name in _SECTIONS}
        _note(node, kinds.get(node.kind), one)
        for name in one["credentials"]:
            found.setdefault(name, set()).update(one["hosts"])
    return {name: _sorted(found[name]) for name in sorted(found)}


def _note(node: NodeSpec, kind: NodeKind[Any] | None, found: dict[str, set[str]]) -> None:
    if kind is None:
        return
    try:
        config = kind.config_type.model_validate(node.config)
    except ValidationError:
        return  # the checker reports it; nothing of it can run
    for item in config_fields(config):
        _note_field(item, found)
    if node.kind == "http":
        match = _HOST.match(str(node.config.get("url", "")))
        found["hosts"].add(match.group(1).lower() + (match.group(2) or "") if match else ANY_HOST)
    if node.kind == "signal":
        found["signals"].add(" ".join(_FILLED.sub("…", str(node.config.get("key", ""))).split()))


def _note_field(item: ConfigField, found: dict[str, set[str]]) -> None:
    names = [str(name) for name in (item.value if isinstance(item.value, list) else [item.value]) if name]
    section = {"model": "models", "models": "models", "tools": "tools", "credential": "credentials", "code": "code"}.get(item.widget.name)
    if section is not None:
        found[section].update(names)


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))
