"""The canvas itself: React Flow in flow.jsx, with Python bodies for its nodes; the editor page mounts one."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import reflex as rx
from reflex_base.vars import VarData

from components.canvas.bodies import container_body, note_body, step_body
from components.canvas.bridge import ASSETS
from components.canvas.catalog import kind_catalog


@dataclass(frozen=True)
class NodeAction:
    """An entry that a page adds to the menu of a step; the choice comes as `on_node_action({action, node})` after what was unsaved.

    `icon` is one of MENU_ICONS in popups.py; `needs` says who may see it. `when` and `unless` name a key of the step's facts in the
    overlay, such as "pinned": the entry is there only while the fact is true, or only while it is not.
    """

    key: str
    label: str
    icon: str
    hint: str = ""
    needs: Literal["run", "edit"] = "run"
    when: str = ""
    unless: str = ""


LIBRARIES = ["@xyflow/react@12.12.1"]


def payload_spec(payload: rx.Var[dict[str, Any]]) -> tuple[rx.Var[dict[str, Any]]]:
    """An event that carries one JSON object."""
    return (payload,)


class FlowCanvas(rx.Component):
    """See flow.jsx. `overlay` maps node ids to {status, ms, tokens, cost_micros, text, error, done, total} of the run that is shown."""

    library = ASSETS["flow.jsx"]
    tag = "FlowCanvas"
    lib_dependencies: list[str] = LIBRARIES

    step_body: rx.Var[Any]
    note_body: rx.Var[Any]
    container_body: rx.Var[Any]
    catalog: rx.Var[Any]
    node_actions: rx.Var[str]
    overlay: rx.Var[dict[str, Any]]
    run_id: rx.Var[str]
    is_named: rx.Var[bool]
    on_save: rx.EventHandler[payload_spec]
    on_pull: rx.EventHandler[payload_spec]
    on_inspect: rx.EventHandler[payload_spec]
    on_node_action: rx.EventHandler[payload_spec]

    def add_custom_code(self) -> list[str]:
        """The catalogue once per module, not once per drawing."""
        return [f"const NODE_KINDS = {rx.Var.create(kind_catalog())!s};"]


def component_var(memo: Any) -> rx.Var[Any]:
    """A memo component as a value that another component may draw."""
    made = memo(node_id="", data={}, selected=False)
    return rx.Var(_js_expr=made.tag, _var_data=VarData(imports=made._get_imports()))


def flow_canvas(
    *children: rx.Component,
    overlay: rx.Var[Any] | dict[str, Any] | None,
    run_id: rx.Var[str] | str = "",
    is_named: bool = False,
    node_actions: Sequence[NodeAction] = (),
    **handlers: Any,
) -> rx.Component:
    """The canvas. `on_save(batch)` and `on_pull({workflow_id, revision, tab})` answer by `post` of components.canvas.messages;
    `on_inspect({id, fresh})` names the one chosen step, once it is saved; `node_actions` stand in the menu of a step. Without
    `on_save` it only shows what is opened in it with `can_edit` false; with `is_named` it opens so large that names are read.
    """
    return FlowCanvas.create(
        *children,
        step_body=component_var(step_body),
        note_body=component_var(note_body),
        container_body=component_var(container_body),
        catalog=rx.Var("NODE_KINDS"),
        **({} if overlay is None else {"overlay": overlay}),
        run_id=run_id,
        is_named=is_named,
        node_actions=json.dumps([asdict(action) for action in node_actions]),
        **handlers,
    )
