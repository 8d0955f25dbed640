"""`agent-factory login|logout|whoami|workspaces|keys|api`: signing in to an installation, and calling any route of its API."""

import sys
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import typer

from agent_factory import Client, NotAuthenticated
from app.cli.closing import closing_commands, workspace_id
from app.cli.members import Member, member_id
from app.cli.plain import doing, listing, showing
from app.cli.remote import HERE, WRONG, ApiKey, AsJson, Remote, Url, device, forget, group, keep, leave, read_kept, read_object, refusals
from app.cli.terminal import has_terminal, say, say_json
from app.core.permissions import Permission

Context = typer.Context
SCOPES = ", ".join(Permission)
Id = Annotated[str, typer.Argument(metavar="ID")]


def register(root: typer.Typer) -> None:
    """Add the commands."""
    root.command("login", help="Sign in to an installation; the sign-in is kept for the next commands.")(login)
    root.command("logout", help="End the sign-in, here and on the server.")(logout)
    root.command("whoami", help="Who calls, in which workspace, and what it may do.")(whoami)
    root.command("home", help="What waits, what happened lately and what to do next.")(show_home)
    root.command("api", help="Call any route of the API, such as `api GET /users/me`.")(call_api)
    spaces = {
        "list": list_workspaces,
        "create": create_workspace,
        "rename": rename_workspace,
        "use": use_workspace,
        "connections": connections,
        **_joining(),
        **closing_commands(),
    }
    root.add_typer(group("Your workspaces.", **spaces), name="workspaces")
    root.add_typer(group("API keys of yours; a key cannot make keys.", **_keys()), name="keys")


def _keys() -> dict[str, Any]:
    scopes = listing("What a key of yours may do at most.", lambda client: client.keys.scopes(), ("id", "description"))
    return {"list": list_keys, "create": create_key, "revoke": revoke_key, "scopes": scopes}


def _joining() -> dict[str, Any]:
    return {
        "invitation": showing("What an invitation offers.", lambda client, one: client.workspaces.invitation(token_of(one)), name="LINK"),
        "join": join,
        "decline": doing(
            "Turn an invitation down.", lambda client, one: client.workspaces.decline(token_of(one)), "Declined.", name="LINK"
        ),
        "leave": leave_workspace,
        "hand-over": hand_over,
    }


def login(
    *,
    url: Url = "",
    email: Annotated[str, typer.Option("--email", "-e", prompt="E-mail address")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
    code: Annotated[str, typer.Option("--code", help="Of the authenticator app, or a recovery code, where one is asked for.")] = "",
    own_account: Annotated[
        bool, typer.Option("--own-account", help="Your account alone, where all your workspaces open through their own providers.")
    ] = False,
) -> None:
    """Ask for the password, never take it as an argument, and keep the tokens."""
    where = url or read_kept().get("url") or HERE
    if not password_stdin and not has_terminal():
        leave(WRONG, "There is no terminal in which to ask for the password. Give it on standard input, with --password-stdin.")
    secret = sys.stdin.readline().rstrip("\n") if password_stdin else typer.prompt("Password", hide_input=True, err=True)
    with refusals(), Client(where, on_tokens=lambda pair: keep(where, pair), agent=device()) as client:
        sign_in(client, email, secret, code, own_account=own_account)
        me = client.me()
    say(f"Signed in to {where} as {me['name']}, in {me['workspace']} ({me['role']}).", err=True)


def sign_in(client: Client, email: str, password: str, code: str, *, own_account: bool) -> None:
    """With the code that the account asks for, if it does."""
    try:
        client.login(email, password, code, own_account=own_account)
    except NotAuthenticated as refused:
        if refused.code != "second_factor_needed" or not sys.stdin.isatty():
            raise
        client.login(email, password, typer.prompt("Code of your authenticator app", err=True), own_account=own_account)


def logout() -> None:
    """End the session on the server, and forget the tokens whatever it says."""
    kept = read_kept()
    try:
        with Remote(kept.get("url", ""), "", False).client() as client:
            client.logout()
    finally:
        forget()
    say("Signed out.", err=True)


def whoami(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Print it."""
    remote = Remote(url, api_key, as_json)
    with remote.client() as client:
        remote.show(client.me())


def show_home(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Decisions that wait and notices; with --json everything that the home page shows."""
    remote = Remote(url, api_key, as_json)
    with remote.client() as client:
        found = client.home()
        rows = [*({"what": "decide", "title": one["title"], "text": one["run_title"]} for one in found["approvals"])]
        rows += [{"what": "notice", "title": one["title"], "text": one["text"]} for one in found["notices"]]
        rows += [{"what": one["status"], "title": one["title"], "text": one["note"]} for one in found["runs"]]
        remote.show(found if as_json else rows, ("what", "title", "text"))


def call_api(
    method: Annotated[str, typer.Argument(help="GET, POST, PUT, PATCH or DELETE.")],
    path: Annotated[str, typer.Argument(help="Below /api/v1, such as /schedules.")],
    *,
    data: Annotated[str, typer.Option("--data", "-d", help="The body: JSON, @file, or - for standard input.")] = "",
    if_match: Annotated[str, typer.Option("--if-match", help="The version that a change is made on.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
) -> None:
    """Print what the answer holds as JSON."""
    if method.upper() not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        leave(2, "The method is GET, POST, PUT, PATCH or DELETE.")
    headers = {"If-Match": f'"{if_match}"'} if if_match else None
    body = read_object(data, "--data") if data else None
    with Remote(url, api_key, True).client() as client:
        found = client.transport.call(method.upper(), f"/api/v1/{path.lstrip('/').removeprefix('api/v1/')}", body=body, headers=headers)
    say_json(found)


def list_workspaces(context: Context) -> None:
    """Your workspaces; the current one is marked."""
    with context.obj.client() as client:
        context.obj.show(list(client.workspaces.list()), ("id", "name", "role", "is_current"))


def create_workspace(context: Context, name: str) -> None:
    """Create a workspace and go on in it."""
    with context.obj.client() as client:
        made = client.workspaces.create(name)
    context.obj.tell(f"Created {made['name']} ({made['id']}).", made)


def rename_workspace(context: Context, name: str) -> None:
    """Rename the workspace that you are in."""
    with context.obj.client() as client:
        context.obj.tell("Renamed.", client.workspaces.rename(name))


def use_workspace(context: Context, workspace: Annotated[str, typer.Argument(help="Name or id.")]) -> None:
    """Go on in another workspace."""
    with context.obj.client() as client:
        used = client.workspaces.use(workspace_id(client, workspace))
    context.obj.tell(f"Now in {workspace}.", used)


def connections(context: Context, search: str = "") -> None:
    """What the workspace is connected to: model providers, saved keys, webhooks; for owners also sign-ins and payouts."""
    with context.obj.client() as client:
        context.obj.show(list(client.workspaces.connections(search)), ("kind", "name", "detail", "state", "last_used_at"))


def join(context: Context, ticket: Annotated[str, typer.Argument(metavar="LINK", help="Of the invitation, or its token alone.")]) -> None:
    """Accept an invitation, and go on in that workspace."""
    with context.obj.client() as client:
        joined = client.workspaces.join(token_of(ticket))
    way = f" It opens through its own sign-in: {joined['door']}" if joined["door"] else ""
    context.obj.tell(f"You are in {joined['workspace']} now.{way}", joined)


def token_of(invitation: str) -> str:
    """The token of an invitation, which is given as it is or as the link that holds it."""
    return parse_qs(urlsplit(invitation).query).get("token", [invitation])[-1].strip()


def leave_workspace(
    context: Context,
    workspace: Annotated[str, typer.Argument(metavar="WORKSPACE", help="Name or id; the one that you are in without it.")] = "",
    *,
    heir: Annotated[str, typer.Option("--heir", help="The member who gets what you own; an owner without it.")] = "",
) -> None:
    """Leave a workspace; one that opens through its own sign-in alone, too."""
    with context.obj.client() as client:
        wanted = workspace_id(client, workspace) if workspace else "current"
        left = client.workspaces.leave(wanted, heir_id=heir and (heir if workspace else member_id(client, heir)))
    context.obj.tell(f"You have left. {left['moved']} things went to the heir." if left["moved"] else "You have left.", left)


def hand_over(context: Context, member: Member) -> None:
    """Make another member the owner of the workspace and yourself an admin."""
    with context.obj.client() as client:
        context.obj.tell("Handed over.", client.workspaces.hand_over(member_id(client, member)))


def list_keys(context: Context, everyone: Annotated[bool, typer.Option("--everyone", help="Also those of other members.")] = False) -> None:
    """Your keys in this workspace."""
    with context.obj.client() as client:
        rows = list(client.keys.list(everyone=everyone or None))
    context.obj.show(rows, ("id", "name", "prefix", "scopes", "status", "expires_at", "last_used_at"))


def create_key(
    context: Context,
    name: str,
    *,
    scope: Annotated[list[str], typer.Option("--scope", "-s", help=f"What it may do; may be repeated: {SCOPES}.")],
    days: Annotated[int, typer.Option("--days", help="After how many days it ends.")] = 90,
) -> None:
    """Make a key. It is printed this once, alone on standard output."""
    with context.obj.client() as client:
        made = client.keys.create(name, scope, expires_in_days=days)
    say("Copy the key now; it is not shown again.", err=True)
    context.obj.tell(made["secret"], made)


def revoke_key(context: Context, key: Id) -> None:
    """End a key at once."""
    with context.obj.client() as client:
        context.obj.tell("Revoked.", client.keys.delete(key))
