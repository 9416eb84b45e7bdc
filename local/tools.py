"""Get what the tests need beside Python packages: both database servers, a browser, and Node.js for the clients."""

import shutil
import sys

from local.installation import obtain
from local.packages import Missing, install

# Program and Debian package.
PROGRAMS = (("chromium", "chromium"), ("node", "nodejs"), ("npm", "npm"))


def main() -> str | None:
    """Returns None, or the line that says what to install."""
    try:
        for kind in ("mysql", "mariadb"):
            found = obtain(kind)
            print(f"==> {kind} {found.version}: {found.command[-1]}")
        absent = [package for program, package in PROGRAMS if shutil.which(program) is None]
        if absent:
            install(*absent, purpose="the end-to-end tests")
    except Missing as missing:
        return str(missing)
    return None


if __name__ == "__main__":
    sys.exit(main())
