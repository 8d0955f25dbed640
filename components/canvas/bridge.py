"""Between Python components and the editor in the browser: `editor_var` reads a slice of its state, `act` calls one of its actions."""

from typing import Any, TypeVar

import reflex as rx
from reflex_base.utils.imports import ImportVar
from reflex_base.vars import VarData
from reflex_base.vars.function import ArgsFunctionOperation, FunctionStringVar, FunctionVar

from components.scripts import script

T = TypeVar("T")
_FILES = (
    "actions.js",
    "canvas.css",
    "choices.js",
    "commands.js",
    "connection.js",
    "dock.jsx",
    "edges.jsx",
    "editor.js",
    "facts.js",
    "fixes.js",
    "flow.jsx",
    "focus.js",
    "fold.jsx",
    "forms.js",
    "graph.js",
    "hooks.js",
    "keys.js",
    "kinds.js",
    "kind_search.js",
    "layers.js",
    "layout.js",
    "menus.js",
    "notes.jsx",
    "places.js",
    "picture.jsx",
    "references.js",
    "reshape.js",
    "sync.js",
    "view.js",
)
ASSETS = {name: script(__name__, name) for name in _FILES}
HOOKS = ASSETS["hooks.js"]


def editor_var(key: str, kind: type[T] | Any) -> Any:
    """A Var that follows one slice of the editor's state; use it inside an `rx.memo` component, which is then redrawn alone."""
    name = f"editor_{key}"
    hook = f'const {name} = useEditor("{key}")'
    facts = VarData(hooks={hook: None}, imports={HOOKS: [ImportVar(tag="useEditor")]})
    return rx.Var(_js_expr=name, _var_type=kind, _var_data=facts).guess_type()


def browser_function(name: str) -> FunctionVar[Any]:
    """A function that hooks.js exports."""
    return FunctionStringVar.create(name, _var_data=VarData(imports={HOOKS: [ImportVar(tag=name)]}))


def act(name: str, *args: Any) -> FunctionVar[Any]:
    """An event handler that calls an action of the editor in the browser; the server hears nothing of it."""
    return ArgsFunctionOperation.create((), browser_function("act").call(name, *args))


def act_with(name: str, *args: Any) -> FunctionVar[Any]:
    """The same, with the event's own argument (such as the text of a field) at the end."""
    return ArgsFunctionOperation.create(("given",), browser_function("act").call(name, *args, rx.Var("given")))


def browser_keys(table: dict[str, tuple[Any, ...]]) -> rx.Var[Any]:
    """A keydown handler that maps keys to actions, for `custom_attrs`."""
    cases = {key: list(call) for key, call in table.items()}
    return browser_function("actByKey").call(rx.Var.create(cases))
