"""Install what the tests need besides Python packages: both database servers and a browser.

Node.js, for the JavaScript clients, comes as a Python package.
"""

import argparse
import shutil
import sys

from local.installation import obtain
from local.packages import Missing, install

BROWSER = "chromium"  # the program and its Debian package


def main() -> str | None:
    """Return None, or a line that says what to install."""
    try:
        for kind in ("mysql", "mariadb"):
            found = obtain(kind)
            print(f"==> {kind} {found.version}: {found.command[-1]}")
        if shutil.which(BROWSER) is None:
            install(BROWSER, purpose="the test of the documentation page")
    except Missing as missing:
        return str(missing)
    return None


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
