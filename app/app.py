"""Assembles the web application: pages, API and document head. Reflex and the web server import `app` from here."""

import reflex as rx

from app.api.server import build_api
from pages import PAGES

app = rx.App(api_transformer=build_api())
for page in PAGES:
    app.add_page(page.render, route=page.route, title=f"{page.title} · Agent Factory", on_load=list(page.on_load))
