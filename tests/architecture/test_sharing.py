"""Selects of what can be shared go through the unit of work, or say themselves who reaches the rows; each exception has its reason."""

import ast
from functools import lru_cache

from app.core.sharing import FOLLOWED
from tests.support.source import FunctionNode, SourceFile, product_files

SHARED = {model.__name__ for model in FOLLOWED}
READS = ("select", "exists", "join", "outerjoin")
SAYS_WHO = ("within_reach", "uow.scoped", "uow.one_row")
NOBODYS_VIEW = "works for the installation, not for a person: no row of it is shown to anybody"
CHECKED_ABOVE = "asks for rows of something that was loaded, and so checked, just before"
BY_PROOF = "the caller shows an address, a signature or a ticket instead of a session"
NAMES_ONLY = "reads names to keep them apart; nothing of the other rows is told"
FROM_A_START = "the start of selects that say who asks where they are used"
EXCEPTIONS = {
    "app/adapters/metrics.py:_Backlog._read_sql": NOBODYS_VIEW,
    "app/services/agents/reading.py:list_agents": "its conditions come from _conditions, which asks within_reach",
    "app/services/agents/slugs.py:free_slug": NAMES_ONLY,
    "app/services/announcements/writing.py:_runs": NOBODYS_VIEW,
    "app/services/blueprints.py:plan_agents": NAMES_ONLY,
    "app/services/budgets/accounts.py:runs_above": NOBODYS_VIEW,
    "app/services/budgets/answering.py:runs_asking": NOBODYS_VIEW,
    "app/services/budgets/reserving.py:_open_run_budget": NOBODYS_VIEW,
    "app/services/closing/purging.py:_delete_runs": NOBODYS_VIEW,
    "app/services/closing/purging.py:_strays": NOBODYS_VIEW,
    "app/services/closing/purging.py:purge_some": NOBODYS_VIEW,
    "app/services/conversations/turns.py:_place": CHECKED_ABOVE,
    "app/services/history/listing.py:list_versions": CHECKED_ABOVE,
    "app/services/market/measuring.py:_ended_runs": NOBODYS_VIEW,
    "app/services/rented.py:_origins": "tells only whether a month is paid, about rows that services have checked",
    "app/services/operators.py:_with_workflow": "only for who has a shell on the machine",
    "app/services/origins.py:read_origins": CHECKED_ABOVE,
    "app/services/outgoing/sending.py:forget_old": NOBODYS_VIEW,
    "app/services/rules/delivering.py:_listening": "what its owner does not reach is left out for each rule, by reaches()",
    "app/services/rules/delivering.py:_lock_targets": NOBODYS_VIEW,
    "app/services/rules/listing.py:_FIRES": FROM_A_START,
    "app/services/runs/families.py:_CHILDREN": NOBODYS_VIEW,
    "app/services/runs/families.py:_lost_children": NOBODYS_VIEW,
    "app/services/runs/journal.py:_NEXT_SEQS": NOBODYS_VIEW,
    "app/services/runs/journal.py:_call_hooks": NOBODYS_VIEW,
    "app/services/runs/rows.py:RUN_ROWS": FROM_A_START,
    "app/services/runs/signal_box.py:_REACHES": NOBODYS_VIEW,
    "app/services/runs/signal_box.py:_waits": NOBODYS_VIEW,
    "app/services/runs/signal_box.py:_take": NOBODYS_VIEW,
    "app/services/runs/signal_box.py:_whose": NOBODYS_VIEW,
    "app/services/runs/statements.py:LOCK_RUNS": NOBODYS_VIEW,
    "app/services/schedules/editing.py:duplicate_schedule": NAMES_ONLY,
    "app/services/schedules/firing.py:_lock": NOBODYS_VIEW,
    "app/services/schedules/holding.py:resume_schedules": NOBODYS_VIEW,
    "app/services/signing.py:sign": NOBODYS_VIEW,
    "app/services/webhooks/reading.py:_rows": CHECKED_ABOVE,
    "app/services/webhooks/receiving.py:find_target": BY_PROOF,
    "app/services/webhooks/receiving.py:accept_request": BY_PROOF,
    "app/services/webhooks/receiving.py:_second_time": BY_PROOF,
    "app/services/webhooks/replies.py:read_reply": BY_PROOF,
    "app/services/webhooks/replies.py:read_ticket": BY_PROOF,
    "app/services/workflows/versions.py:_KEPT": CHECKED_ABOVE,
    "app/services/workflow_tests/rows.py:_waiting_for_people": CHECKED_ABOVE,
}


def test_no_select_of_what_can_be_shared_forgets_who_asks() -> None:
    found = {f"{file.name}:{name}" for file in product_files() if file.name.startswith("app/") for name in forgetful(file)}
    assert found - set(EXCEPTIONS) == set(), "use uow.scoped, or uow.within_reach(model) among the conditions"
    assert set(EXCEPTIONS) - found == set(), "these exceptions are not needed any more"


def test_the_search_for_forgetful_selects_finds_one() -> None:
    leaking = "runs = Run.__table__\ndef leak(uow):\n    return uow.session.exec(sa.select(runs.c.id))\n"
    text = f"{leaking}def fine(uow):\n    return uow.scoped(Run)\nWRITTEN_ONCE = sa.select(runs.c.id)\n"
    assert forgetful(SourceFile("app/services/x.py", text, ast.parse(text))) == ["leak", "WRITTEN_ONCE"]


def forgetful(file: SourceFile) -> list[str]:
    """The functions that select from a table whose rows can be shared, and do not say who reaches them."""
    names = SHARED | tables_named_in(file.tree) | tables_imported_by(file.tree)
    functions = [name for name, function in file.functions() if selects(function, names) and not says_who(function)]
    statements = [node for node in file.tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and selects(node, names)]
    return functions + [target_of(node) for node in statements]


def selects(function: ast.AST, names: set[str]) -> bool:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in READS]
    return any(isinstance(part, ast.Name) and part.id in names for call in calls for part in ast.walk(call))


def says_who(function: FunctionNode) -> bool:
    text = ast.unparse(function)
    return any(words in text for words in SAYS_WHO)


def tables_named_in(tree: ast.Module) -> set[str]:
    """Module names that stand for the table of a shared model, such as `run_table`."""
    assigned = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None]
    return {target_of(node) for node in assigned if ast.unparse(node.value).partition(".__table__")[0] in SHARED}  # type: ignore[arg-type]


def target_of(node: ast.Assign | ast.AnnAssign) -> str:
    return ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])


@lru_cache(maxsize=1)
def tables_by_module() -> dict[str, set[str]]:
    return {file.name.removesuffix(".py").replace("/", "."): tables_named_in(file.tree) for file in product_files()}


def tables_imported_by(tree: ast.Module) -> set[str]:
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name
        for node in imports
        for alias in node.names
        if alias.name in tables_by_module().get(node.module or "", ())
    }
