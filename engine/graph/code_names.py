"""Names that the Python of a code step uses and nothing defines; the checker asks. Where a name might be defined, nothing is said."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

_NAMES = """
    ArithmeticError AssertionError AttributeError BaseException Ellipsis Exception False FileExistsError FileNotFoundError ImportError
    IndexError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError None NotADirectoryError
    NotImplemented NotImplementedError OSError OverflowError PermissionError RecursionError RuntimeError StopIteration SyntaxError
    SystemExit TimeoutError True TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError ValueError ZeroDivisionError abs all any
    bin bool bytes chr complex dict divmod enumerate eval exec filter float format frozenset getattr hasattr hash hex id int isinstance iter
    len list locals map max min next object oct open ord pow print property range repr reversed round set setattr slice sorted str sum
    tuple type zip
"""
_MODULES = """
    asyncio base64 binascii bisect collections copy csv dataclasses datetime decimal functools hashlib itertools json math os pathlib
    random re sys time tomllib typing unicodedata
"""
SANDBOX_NAMES = frozenset(_NAMES.split())
SANDBOX_MODULES = frozenset(_MODULES.split())
ALWAYS_THERE = frozenset({"inputs", "result"})

_CATCHES_NAMES = frozenset({"NameError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Use:
    """Where a name nobody defines is first used, and how often; line and column count from 1. `others` are the names that exist there."""

    name: str
    line: int
    column: int
    count: int
    others: tuple[str, ...]


@dataclass(slots=True)
class _Scope:
    parent: "_Scope | None" = None
    kind: str = "function"  # function | class | comprehension
    bound: set[str] = field(default_factory=set[str])

    def bind(self, *names: str | None) -> None:
        """Define the names that are names."""
        self.bound.update(name for name in names if name)

    def bind_walrus(self, name: str) -> None:
        """It lands outside the comprehensions around it."""
        self.bind(name)
        if self.kind == "comprehension" and self.parent is not None:
            self.parent.bind_walrus(name)

    def knows(self, name: str) -> bool:
        """Whether the name is bound here or around; functions do not see the class they stand in."""
        scope: _Scope | None = self
        while scope is not None and name not in scope.bound:
            from_function = scope.kind == "function"
            scope = scope.parent
            while from_function and scope is not None and scope.kind == "class":
                scope = scope.parent
        return scope is not None


@lru_cache(maxsize=256)
def find_undefined(source: str, given: frozenset[str] = frozenset()) -> tuple[Use, ...]:
    """The first use of each name that is neither `given` nor defined anywhere it could be seen. Nothing for what is not Python."""
    text = source.removeprefix("\ufeff")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ()
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
        return ()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    root = _Scope(bound={*given, *ALWAYS_THERE, *SANDBOX_NAMES})
    loads = [node for node, scope in _loads(tree, root) if not node.id.startswith("__") and not scope.knows(node.id)]
    counts = Counter(node.id for node in loads)
    others = tuple(sorted(root.bound - SANDBOX_NAMES - ALWAYS_THERE | {"inputs"}))
    found: dict[str, Use] = {}
    for node in sorted(loads, key=lambda node: (node.lineno, node.col_offset)):
        column = len(lines[node.lineno - 1].encode()[: node.col_offset].decode(errors="ignore")) + 1
        found.setdefault(node.id, Use(node.id, node.lineno, column, counts[node.id], others))
    return tuple(found.values())


def _loads(tree: ast.Module, root: _Scope) -> list[tuple[ast.Name, _Scope]]:
    """Every name that is read with the scope it is read in. Afterwards the scopes hold what is bound in them."""
    loads: list[tuple[ast.Name, _Scope]] = []
    stack: list[tuple[ast.AST, _Scope]] = [(tree, root)]
    while stack:
        node, scope = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            loads.append((node, scope))
        _bind(node, scope, root)
        stack.extend(_parts(node, scope))
    return loads


def _bind(node: ast.AST, scope: _Scope, root: _Scope) -> None:
    """What the node defines in its scope."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            scope.bind(name)
        case ast.NamedExpr(target=ast.Name(id=name)):
            scope.bind_walrus(name)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            scope.bind(name)
        case ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name) | ast.MatchMapping(rest=name):
            scope.bind(name)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            scope.bind(*(alias.asname or alias.name.partition(".")[0] for alias in names))
        case ast.Global(names=names):
            root.bind(*names)
        case ast.Try(body=body, handlers=handlers) if any(_may_catch_names(handler.type) for handler in handlers):
            root.bind(*(inner.id for part in body for inner in ast.walk(part) if isinstance(inner, ast.Name)))
        case _:
            pass


def _may_catch_names(caught: ast.expr | None) -> bool:
    """Whether a missing name would be caught there: then the code reckons with it."""
    if isinstance(caught, ast.Tuple):
        return any(_may_catch_names(one) for one in caught.elts)
    return not isinstance(caught, ast.Name) or caught.id in _CATCHES_NAMES


def _parts(node: ast.AST, scope: _Scope) -> Iterator[tuple[ast.AST, _Scope]]:
    """The node's children, each with the scope it lives in. The sandbox never looks at annotations."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            yield from _function(node, scope)
        case ast.ClassDef():
            inner = _Scope(scope, "class")
            yield from _in(scope, [*node.decorator_list, *node.bases, *node.keywords])
            yield from _in(inner, node.body)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            inner, first = _Scope(scope, "comprehension"), node.generators[0]
            values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            yield first.iter, scope
            yield from _in(inner, [first.target, *first.ifs, *node.generators[1:], *values])
        case ast.AnnAssign():
            yield from _in(scope, [node.target, *([node.value] if node.value else [])])
        case _:
            yield from _in(scope, ast.iter_child_nodes(node))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: _Scope) -> Iterator[tuple[ast.AST, _Scope]]:
    given, inner = node.args, _Scope(scope)
    one_of_each = [given.vararg, given.kwarg]
    inner.bind(*(one.arg for one in [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, one_of_each)]))
    inner.bind(*(kind.name for kind in getattr(node, "type_params", ())))
    yield from _in(scope, [*given.defaults, *filter(None, given.kw_defaults)])
    if isinstance(node, ast.Lambda):
        yield node.body, inner
    else:
        yield from _in(scope, node.decorator_list)
        yield from _in(inner, node.body)


def _in(scope: _Scope, nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.AST, _Scope]]:
    return ((node, scope) for node in nodes)
