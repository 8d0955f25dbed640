"""`agent-factory account`: you, where you are signed in, and how your account is protected, over the API."""

import sys
from typing import Annotated, Any

import typer

from agent_factory import Client
from app.cli.closing import account_commands
from app.cli.plain import doing, listing
from app.cli.remote import group, keep, refusals
from app.cli.terminal import say

Context = typer.Context
LETTERS = ("kind", "is_on", "label", "about")
Letter = Annotated[str, typer.Option("--token", help="Of the letter's link.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="That the authenticator app shows.")]


def register(root: typer.Typer) -> None:
    """Add the group."""
    places = ("id", "device", "address", "last_seen", "is_current")
    commands = {
        "show": show,
        "register": sign_up,
        "rename": doing("Change your name.", lambda client, name: client.myself.rename(name), "Renamed.", name="NAME"),
        "sessions": listing("Where you are signed in.", lambda client: client.myself.sessions(), places),
        "end-session": doing("Sign out there.", lambda client, one: client.myself.end_session(one), "Signed out there.", name="SESSION"),
        "end-other-sessions": end_other_sessions,
        "letters": listing("Letters about what you sell.", lambda client: client.myself.letters()["choices"], LETTERS),
        "set-letters": set_letters,
        "confirm-address": confirm_address,
        "password": change_password,
        "forgot-password": forgot_password,
        "reset-password": reset_password,
        **_second_factor(),
        "identities": listing(
            "Sign-ins elsewhere that open your account.",
            lambda client: client.myself.identities(),
            ("id", "provider", "label", "last_used"),
        ),
        **account_commands(),
        "unlink": doing("Take one of them off.", lambda client, one: client.myself.unlink(one), "Unlinked.", name="IDENTITY"),
    }
    root.add_typer(group("You, where you are signed in, and how your account is protected.", **commands), name="account")


def _second_factor() -> dict[str, Any]:
    off = "Two-factor sign-in is off."
    return {
        "totp-begin": begin_totp,
        "totp-confirm": confirm_totp,
        "totp-disable": doing(
            "Turn two-factor sign-in off with a code of the app or a recovery code.",
            lambda client, code: client.myself.disable_totp(code), off, name="CODE",
        ),
        "recovery-codes": recovery_codes,
    }  # fmt: skip


def show(context: Context) -> None:
    """How your account is protected."""
    with context.obj.client() as client:
        context.obj.show(client.myself.account())


def sign_up(
    context: Context,
    name: str,
    email: str,
    *,
    token: Annotated[str, typer.Option("--token", help="Of the letter, where this installation sends one first.")] = "",
) -> None:
    """Open an account; the password is asked for, or read from standard input."""
    secret = _asked("Password")
    where = context.obj.url
    with refusals(), Client(where, on_tokens=lambda pair: keep(where, pair)) as client:
        made = client.finish_registration(token, secret) if token else client.register(name, email, secret)
    context.obj.tell("Welcome." if made else "A letter is on its way. Run this again with its token: --token.")


def end_other_sessions(context: Context) -> None:
    """Sign out everywhere but here."""
    with context.obj.client() as client:
        ended = client.myself.end_other_sessions()
    context.obj.tell(f"Signed out in {ended['ended']} other places.", ended)


def confirm_address(context: Context, *, token: Letter = "") -> None:
    """Have the letter sent that confirms your address; with --token confirm it."""
    if token:
        with refusals(), Client(context.obj.url) as client:
            client.confirm_address(token)
        context.obj.tell("Confirmed.")
        return
    with context.obj.client() as client:
        context.obj.tell("A letter is on its way, if your address is not confirmed yet.", client.myself.send_verification())


def change_password(context: Context) -> None:
    """Change your password; both are asked for, or read from standard input, the present one first."""
    with context.obj.client() as client:
        client.change_password(_asked("Present password"), _asked("New password"))
    context.obj.tell("Changed. Every other sign-in has ended.")


def forgot_password(context: Context, email: str) -> None:
    """Have a letter sent to whoever forgot the password."""
    with refusals(), Client(context.obj.url) as client:
        client.request_password_reset(email)
    context.obj.tell("If this address has an account, a letter is on its way. Then: account reset-password TOKEN.")


def reset_password(context: Context, ticket: Annotated[str, typer.Argument(metavar="TOKEN", help="Of the letter's link.")]) -> None:
    """Set a new password with the token of that letter; it is asked for, or read from standard input."""
    with refusals(), Client(context.obj.url) as client:
        client.reset_password(ticket, _asked("New password"))
    context.obj.tell("Changed. Sign in with the new password.")


def begin_totp(context: Context) -> None:
    """A secret for your authenticator app; enter it there, then confirm."""
    with context.obj.client() as client:
        context.obj.show(client.myself.begin_totp())


def confirm_totp(context: Context, code: Code) -> None:
    """Turn two-factor sign-in on with the app's first code; prints the recovery codes, this once."""
    with context.obj.client() as client:
        codes = client.myself.confirm_totp(code)
    _tell_codes(context, codes)


def recovery_codes(
    context: Context, *, code: Annotated[str, typer.Option("--code", help="Of the app: makes ten fresh ones.")] = ""
) -> None:
    """How many recovery codes are left; with --code fresh ones, printed this once."""
    with context.obj.client() as client:
        if code:
            _tell_codes(context, client.myself.renew_recovery_codes(code))
        else:
            left = client.myself.recovery_codes_left()
            context.obj.tell(f"{left} are left.", {"left": left})


def _tell_codes(context: Context, codes: list[str]) -> None:
    say("Keep these codes now; they are not shown again.", err=True)
    context.obj.tell("\n".join(codes), {"codes": codes})


def _asked(what: str) -> str:
    """A secret, never taken as an argument."""
    return typer.prompt(what, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def set_letters(
    context: Context, kind: str, on: Annotated[bool, typer.Option("--on/--off", help="Get them, or no more of them.")] = True
) -> None:
    """Choose which letters about what you sell you get."""
    with context.obj.client() as client:
        context.obj.tell("Saved.", client.myself.choose_letters(kind, on))
