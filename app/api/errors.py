"""The API's one translator of errors: plain words, a stable code, the fields to mend; never a traceback."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.core.errors import AppError, NotSignedIn
from engine.spec.explain import Problem, explain_details

TurnAway = Callable[[Request, APIRoute], Awaitable[None]]  # raises an AppError for who may not call the route

log = logging.getLogger(__name__)
_JSON = "Send JSON in UTF-8, with Content-Type: application/json."
_UNREAD = "There was an error parsing the body"  # FastAPI's words for what its JSON reader raises beside its own error

STATUS_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_media_type",
}


def add_error_handlers(api: FastAPI, turn_away: TurnAway) -> None:
    """Register the handlers and the answer for unknown paths below /api. Bodies are read before it is asked who calls."""

    async def invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
        return await refuse_strangers(request, turn_away) or _invalid_request(error)

    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        is_unread = error.detail == _UNREAD
        return (await refuse_strangers(request, turn_away) if is_unread else None) or _http_error(error)

    async def app_error(request: Request, error: AppError) -> JSONResponse:
        is_of_what_was_sent = error.status in (412, 422, 428)
        return (await refuse_strangers(request, turn_away) if is_of_what_was_sent else None) or _app_error(error)

    api.exception_handler(AppError)(app_error)
    api.exception_handler(RequestValidationError)(invalid_request)
    api.exception_handler(HTTPException)(http_error)
    api.exception_handler(Exception)(_unexpected)
    api.add_api_route("/api/{path:path}", _unknown_path, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)


def error_body(code: str, message: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
    """The shape of every error answer."""
    return {"detail": message, "error_code": code, "field_errors": fields or {}}


async def refuse_strangers(request: Request, turn_away: TurnAway) -> JSONResponse | None:
    """The refusal of who may not call this route at all, or None."""
    route = _route_of(request)
    try:
        if route is not None:
            await turn_away(request, route)
    except AppError as refused:
        return _app_error(refused)
    return None


def _route_of(request: Request) -> APIRoute | None:
    """The route of a request, also before it was looked up."""
    found = request.scope.get("route")
    if found is None:
        found = next((one for one in request.app.state.routes if one.matches(request.scope)[0] is Match.FULL), None)
    return found if isinstance(found, APIRoute) else None


def _app_error(error: AppError) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, NotSignedIn) else None
    background = BackgroundTask(error.afterwards) if error.afterwards else None
    body = error_body(error.error_code, error.message, error.fields)
    return JSONResponse(body, status_code=error.status, headers=headers, background=background)


def _invalid_request(error: RequestValidationError) -> JSONResponse:
    broken = next((problem for problem in error.errors() if problem["type"] == "json_invalid"), None)
    if broken is not None:
        return JSONResponse(error_body("invalid", _where_broken(broken, error.body), {"body": _JSON}), status_code=422)
    if any(problem["loc"] == ("body",) and isinstance(problem.get("input"), bytes) for problem in error.errors()):
        return JSONResponse(error_body("invalid", _JSON, {"body": _JSON}), status_code=422)
    fields = {_field_name(problem): f"{problem.message} {problem.remedy}".strip() for problem in explain_details(list(error.errors()))}
    return JSONResponse(error_body("invalid", "Some values are wrong; see field_errors.", fields), status_code=422)


def _http_error(error: HTTPException) -> JSONResponse:
    fields: dict[str, str] | None = None
    told = str(error.detail)
    if told == _UNREAD:
        told, fields = _why_unread(error.__cause__), {"body": _JSON}
    body = error_body(STATUS_CODES.get(error.status_code, "error"), told, fields)
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error in %s %s", request.method, request.url.path, exc_info=error)
    return JSONResponse(
        error_body("error", "Something went wrong on our side; it is in the logs under this request's id."), status_code=500
    )


async def _unknown_path(path: str) -> JSONResponse:
    return JSONResponse(error_body("not_found", f"There is no /api/{path[:200]}. The API is described at /docs."), status_code=404)


def _where_broken(problem: Any, body: object) -> str:
    """The place in lines and columns, as editors count them."""
    what, at = str((problem.get("ctx") or {}).get("error", "it does not end")), problem["loc"][-1]
    if not isinstance(body, str) or not isinstance(at, int):
        return f"The body is not valid JSON: {what}."
    line, column = body.count("\n", 0, at) + 1, at - body.rfind("\n", 0, at)
    return f"The body is not valid JSON: {what}, at line {line}, column {column}."


def _why_unread(cause: BaseException | None) -> str:
    if isinstance(cause, UnicodeDecodeError):
        return f"The body is no text in UTF-8: byte {cause.start + 1} begins no character."
    if isinstance(cause, RecursionError):
        return "The body is nested too deeply to be read."
    if isinstance(cause, ValueError):
        return "The body holds a number with too many digits to be read."
    return "The body could not be read."


def _field_name(problem: Problem) -> str:
    """`("body", "items", 2, "name")` reads `items.2.name`."""
    parts = problem.loc[1:] if problem.loc and problem.loc[0] in ("body", "query", "path", "header", "cookie") else problem.loc
    return ".".join(map(str, parts)) or "body"
