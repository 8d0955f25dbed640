"""What the server's workers load: the application, made without the pauses of the garbage collector.

Nothing of what importing makes is garbage, but looking through it again and again takes a sixth of a start; afterwards it is set aside
for good, so that no request waits while it is looked through either.
"""

import gc
from importlib import import_module
from typing import Any


def app() -> Any:
    """The ASGI application."""
    gc.disable()
    try:
        made = import_module("app.app").app()
        gc.collect()
        gc.freeze()
    finally:
        gc.enable()
    return made
