"""Runs a function of the browser's own modules in Node, the way the page would call it."""

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

_CALL = """
const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
import(given.module).then((module) => {
  const answers = given.calls.map((args) => {
    try {
      return { value: module[given.name](...args) };
    } catch (error) {
      return { refused: error.message };
    }
  });
  process.stdout.write(JSON.stringify(answers));
});
"""


def call_in_node(module: str, name: str, calls: list[list[Any]]) -> list[dict[str, Any]]:
    """The answers of `name(...args)` of a module of this repository: {"value": ...} or {"refused": message} for each call."""
    node = shutil.which("node", path=sysconfig.get_path("scripts")) or shutil.which("node", path=str(Path(sys.executable).parent))
    assert node, "the environment has no Node"
    given = json.dumps({"module": Path(module).resolve().as_uri(), "name": name, "calls": calls})
    done = subprocess.run([node, "--no-warnings", "-e", _CALL], input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
