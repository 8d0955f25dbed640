# syntax=docker/dockerfile:1
# One image for web, workers, scheduler and migrations; the command chooses. Built in two stages: npm and uv stay behind.

FROM python:3.13-slim-bookworm AS build
WORKDIR /srv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy PYTHONDONTWRITEBYTECODE=1
COPY .ci/uv.txt .ci/uv.txt
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r .ci/uv.txt
COPY pyproject.toml uv.lock README.md ./
RUN .venv/bin/uv sync --frozen --no-default-groups --no-install-project
COPY . .
RUN .venv/bin/uv sync --frozen --no-default-groups \
    && .venv/bin/agent-factory build \
    && rm -rf .web/node_modules .data

FROM python:3.13-slim-bookworm
RUN useradd --create-home --uid 10001 factory
WORKDIR /srv
COPY --from=build --chown=factory:factory /srv /srv
RUN mkdir /data && chown factory:factory /data
USER factory
ENV PATH=/srv/.venv/bin:$PATH AF_ENV=production AF_HOST=0.0.0.0 AF_DATA_DIR=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8400
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8400/healthz', timeout=2)"]
CMD ["agent-factory", "web"]
