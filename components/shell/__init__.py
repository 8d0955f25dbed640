"""The frame of the application. `shell_page(*content, title=..., active="runs")` is what a signed-in page returns;
a page of the settings returns `settings_page(*content, active="members", title=...)` and has a line in `SETTINGS`.

List the page in `pages/__init__.py` with `on_load=(SessionState.guard, MyState.load)`: the guard loads the frame and sends
visitors without a session to /sign-in. It is a courtesy; services check session and permission on every call.
"""

from components.shell.frame import shell_page
from components.shell.loaded import loaded
from components.shell.navigation import brand
from components.shell.places import PLACES, Place
from components.shell.settings import settings_page
from components.shell.settings_places import SETTINGS, SettingsPlace

__all__ = ["PLACES", "SETTINGS", "Place", "SettingsPlace", "brand", "loaded", "settings_page", "shell_page"]
