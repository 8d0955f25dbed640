"""Finds a Chromium for the browser journeys; `python -m tests.support.chromium` prints it or fails."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


def chromium_path() -> str:
    """The browser AF_TEST_CHROMIUM names, the system's, or Playwright's own."""
    if named := os.environ.get("AF_TEST_CHROMIUM"):
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        raise FileNotFoundError("no Chromium found; run .ci/chromium")
    return path


if __name__ == "__main__":
    try:
        sys.stdout.write(chromium_path() + "\n")
    except (FileNotFoundError, Error) as error:
        sys.exit(str(error))
