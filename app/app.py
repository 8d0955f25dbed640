"""Assembles the web application: pages, API, document head and the layers around all. Reflex and the web server import `app` from here."""

from functools import partial

import reflex as rx

from app.api.addresses import OddAddresses
from app.api.metrics import observe
from app.api.page_heads import PageHeads
from app.api.public_pages import describe
from app.api.request_log import RequestLog
from app.api.response_headers import ResponseHeaders
from app.api.server import build_api
from app.api.sockets import SocketLimit
from app.api.uploads import UploadDoor
from app.binding import SessionBinding, holds_tab
from app.core.config import allowed_origins, get_settings
from app.core.logs import configure_logs
from app.refusals import show_refusal
from components.shell.connection import connection_notice
from components.ui.theme import STYLESHEETS, head_components, toaster
from pages import LOADING_EVENTS, PAGES, PUBLIC_EVENTS

IS_TLS = get_settings().public_url.startswith("https://")

app = rx.App(
    api_transformer=[
        build_api(),
        partial(PageHeads, describe=describe),
        OddAddresses,
        partial(UploadDoor, origins=allowed_origins(get_settings()), holds=lambda tab, session: holds_tab(app, tab, session)),
        partial(ResponseHeaders, is_tls=get_settings().public_url.startswith("https://")),
        partial(SocketLimit, allowed=get_settings().sockets_per_address, trusted_proxies=get_settings().trusted_proxies),
        partial(RequestLog, observe=observe),
    ],
    stylesheets=list(STYLESHEETS),
    head_components=head_components(),
    html_lang="en",
    toaster=toaster(),
    backend_exception_handler=show_refusal,
)
app.app_wraps[5, "Overlay"] = lambda is_stateful: rx.fragment(connection_notice()) if is_stateful else None  # Reflex's own names addresses
app.add_middleware(SessionBinding(PUBLIC_EVENTS, loading=LOADING_EVENTS), index=0)
for page in PAGES:
    app.add_page(page.render, route=page.route, title=f"{page.title} · Agent Factory", on_load=list(page.on_load))


async def start_logs() -> None:
    """Runs once in every web process, after the server has set up its own logging."""
    configure_logs(get_settings())


app.register_lifespan_task(start_logs)
