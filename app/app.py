"""Assembles the web application: pages, API and document head. Reflex and the web server import `app` from here."""

import reflex as rx

from app.api.server import build_api
from components.ui.theme import STYLESHEETS, head_components, toaster
from pages import PAGES

app = rx.App(
    api_transformer=build_api(),
    stylesheets=list(STYLESHEETS),
    head_components=head_components(),
    html_lang="en",
    toaster=toaster(),
)
for page in PAGES:
    app.add_page(page.render, route=page.route, title=f"{page.title} · Agent Factory", on_load=list(page.on_load))
