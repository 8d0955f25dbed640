"""Turns what a handler could not do into what the person sees: the one translator of errors for the Reflex edge."""

import logging
import uuid

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from engine.errors import SpecError

UNEXPECTED = "Something went wrong on our side."
log = logging.getLogger(__name__)

_TO_SIGN_IN = r"""(() => { const here = window.location.pathname.replace(/\/+$/, "");
if (here.startsWith("/sign-")) return;
window.sessionStorage.removeItem("token");
window.location.assign(here ? "/sign-in?next=" + encodeURIComponent(here) : "/sign-in"); })()"""


def show_refusal(exception: Exception) -> rx.event.EventSpec:
    """Send a visitor without a session to sign in, tell a refusal in its own words, and anything else by a reference."""
    if isinstance(exception, NotSignedIn):
        return rx.call_script(_TO_SIGN_IN)
    if isinstance(exception, AppError):
        told = (text for text in dict.fromkeys(exception.fields.values()) if text != exception.message)
        return _toast(exception.message, "\n".join(told), exception.error_code)
    if isinstance(exception, SpecError):
        return _toast("This definition has mistakes.", "\n".join(str(finding) for finding in exception.findings[:5]), "spec")
    return _toast(UNEXPECTED, told_by_reference(exception), "unexpected")


def told_by_reference(exception: Exception) -> str:
    """Write what nobody foresaw into the log; returns what the person can do, with the reference under which it stands there."""
    reference = uuid.uuid4().hex[:8]
    log.error("an event failed, reference %s", reference, exc_info=exception)
    return f"Try again. If it stays, tell support this reference: {reference}"


def _toast(message: str, description: str, key: str) -> rx.event.EventSpec:
    return rx.toast.error(message, description=description or None, id=f"refusal-{key}", duration=8000)
