"""The browser and the Node.js that the other end-to-end tests use."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.e2e.conftest import Node


def test_the_browser_runs_scripts(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<p></p><script>document.querySelector('p').textContent = 6 * 7</script>")
    assert page.text_content("p") == "42"
    page.close()


def test_node_is_new_enough_for_the_clients(node: Node, npm: Node, tmp_path: Path) -> None:
    assert int(node("--print", "process.versions.node.split('.')[0]", cwd=tmp_path)) >= 22
    assert int(npm("--version", cwd=tmp_path).split(".")[0]) >= 10
