"""oidc-provider-mock, a provider that somebody else wrote, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import httpx

from tests.support.site import free_port
from tests.support.waiting import until


@contextmanager
def other_oidc(**claims: object) -> Generator[str]:
    """Run it with one known person; gives its issuer."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), "-n", "true"]
    command += ["--user-claims", json.dumps(claims)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(address), timeout_s=60, what="the provider's answer")
        yield address
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/.well-known/openid-configuration", trust_env=False).is_success
    except httpx.TransportError:
        return False
