"""The pictures of the page at `/browse`, light and dark: `python -m docs.screenshots`, while `make serve` runs.

python -m docs.screenshots http://127.0.0.1:8000
"""

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Shot:
    """A view of the sample database, and the buttons that are pressed in it."""

    address: str
    buttons: tuple[str, ...] = ()
    width: int = 1280
    height: int = 800


SHOTS = {
    "rows": Shot("rows/world/airports?country_code=eq.CH&order=name&limit=100", ("Map", "Code")),
    "row": Shot("row/world/currencies/CHF"),
    "edit": Shot("row/world/timezones/Europe%2FZurich", ("Edit",)),
    "diagram": Shot("diagram"),
    "numbers": Shot("numbers/world/countries?select=continent_code,first_weekday,value:count()"),
    "phone": Shot("rows/world/cities?country_code=eq.CH&order=population.desc", width=390, height=780),
}


def main(origin: str) -> None:
    """Write `docs/browse-NAME-SCHEME.png` for each view."""
    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        for scheme in SCHEMES:
            for name, shot in SHOTS.items():
                context = browser.new_context(
                    viewport={"width": shot.width, "height": shot.height}, color_scheme=scheme
                )
                page = context.new_page()
                page.goto(f"{origin}/browse#/{shot.address}")
                page.wait_for_load_state("networkidle")
                for button in shot.buttons:
                    page.get_by_role("button", name=button, exact=True).click()
                page.wait_for_timeout(700)
                page.screenshot(path=Path(__file__).parent / f"browse-{name}-{scheme}.png")
                context.close()
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("origin", nargs="?", default="http://127.0.0.1:8000", help="where make serve runs")
    main(parser.parse_args().origin)
