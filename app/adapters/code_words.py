"""What the sandbox complains about, in the words of the person who wrote the code; app/adapters/code_monty.py asks it."""

NO_SLEEP = "Code cannot wait; use a Delay step"
NO_SYSTEM = "Code has no access to files or to the system"
ODD_EXCEPTION = "exceptions can only be called with zero or one string argument"
_INTERNAL = "Internal error in monty: "
_UNSUPPORTED = "not yet support "
_OF_OTHER_TYPE = "__af_json:"


def plain_words(kind: str, message: str, where: tuple[int, int] | None) -> str:
    """One clear sentence or two: what was wrong, where, and what to write instead."""
    return _about_the_value(message, where) or _about_the_sandbox(kind, message, where) or _about_the_code(kind, message, where)


def _about_the_value(message: str, where: tuple[int, int] | None) -> str:
    if message.startswith(_OF_OTHER_TYPE):
        kind = message.removeprefix(_OF_OTHER_TYPE)
        return f"The value holds something of type {kind}, which cannot be passed on. Return text, numbers, lists or objects."
    if message == "Circular reference detected":
        return "The value, or one of the inputs, refers to itself. Pass on a copy without the loop."
    if "JSON compliant" in message:
        return "The value holds a number that is infinite or not a number (NaN). Return an ordinary number."
    if "digits) for integer string conversion" in message:
        return f"A whole number has more than 4300 digits, which cannot be written down{at(where)}."
    return ""


def _about_the_sandbox(kind: str, message: str, where: tuple[int, int] | None) -> str:
    if ODD_EXCEPTION in message:
        example = "raise ValueError(f'{count} is too many')"
        return f"An exception can carry one text and nothing else{at(where)}. Write it like this: {example}."
    if message.startswith(_INTERNAL):
        return f"The sandbox cannot do this{at(where)}: {message.removeprefix(_INTERNAL)}. Write it in another way."
    if message in (NO_SLEEP, NO_SYSTEM):
        return f"{message}{at(where)}."
    if kind == "ModuleNotFoundError":
        return f"{message}{at(where)}. The sandbox has no other packages; use an HTTP request step to call out."
    if kind == "NotImplementedError" and _UNSUPPORTED in message:
        return f"The sandbox does not support {message.rsplit('support ', 1)[-1]}{at(where)}. Write it in a simpler way."
    return ""


def _about_the_code(kind: str, message: str, where: tuple[int, int] | None) -> str:
    if kind in ("SystemExit", "KeyboardInterrupt"):
        said = f" It said: {message}" if message else ""
        return f"The code stopped itself with {kind}{at(where)}, so it has no result. To end early, return a value.{said}"
    if kind == "KeyError":
        return f"There is no key {message!r}{at(where)}."
    if kind == "NameError":
        return f"{message[:1].upper()}{message[1:]}{at(where)}. Inputs are variables by their name."
    return f"{kind}{at(where)}: {message}" if message else f"{kind}{at(where)}."


def at(where: tuple[int, int] | None) -> str:
    """The place, if it is known."""
    return f" (line {where[0]}, column {where[1]})" if where else ""
