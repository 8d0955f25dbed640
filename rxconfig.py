"""Reflex's configuration, derived from the settings; Reflex imports it from the project root by this name."""

import reflex as rx

from app.core.config import allowed_origins, get_settings
from app.first_paint import FirstPaintPlugin
from app.origin import PLACEHOLDER, SameOriginPlugin
from components.ui.theme import radix_plugin

settings = get_settings()

config = rx.Config(
    app_name="app",
    api_url=PLACEHOLDER,
    deploy_url=settings.public_url,
    redis_url=settings.redis_url,
    trusted_proxy_hops=settings.trusted_proxies,
    cors_allowed_origins=allowed_origins(settings),
    frontend_compression_formats=["brotli", "gzip"],
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[SameOriginPlugin(), FirstPaintPlugin(), radix_plugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
