"""The frame of the application. `shell_page(*content, title=..., active="runs")` is what a signed-in page returns.

List the page in `pages/__init__.py` with `on_load=(SessionState.guard, MyState.load)`: the guard loads the frame and sends
visitors without a session to /sign-in. It is a courtesy; services check session and permission on every call.
"""

from components.shell.frame import shell_page
from components.shell.navigation import brand
from components.shell.places import PLACES, Place

__all__ = ["PLACES", "Place", "brand", "shell_page"]
