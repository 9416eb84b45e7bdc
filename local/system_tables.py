"""Create the data folder of a new server: its system tables and an account root without a password.

It is created once for each version in `.cache/templates` and then copied, which takes a tenth of the time.
"""

import os
import shutil
import subprocess
import uuid
from pathlib import Path

from local.installation import CACHE, Installation, locked

# MariaDB's own scripts, in the order of mariadb-install-db; version 11 renamed them from mysql_ to mariadb_.
MARIADB_SCRIPTS = (
    ("mariadb_system_tables.sql", "mysql_system_tables.sql"),
    ("mariadb_performance_tables.sql", "mysql_performance_tables.sql"),
    ("mariadb_system_tables_data.sql", "mysql_system_tables_data.sql"),
    ("maria_add_gis_sp_bootstrap.sql",),
    ("mariadb_sys_schema.sql", "mysql_sys_schema.sql"),
)


class ServerError(Exception):
    """The server did not start; the message ends with the last lines of its log."""


def initialise(installation: Installation, data: Path) -> None:
    """Create the data folder `data`, which appears complete or not at all.

    Raises:
        ServerError: the program could not create its system tables.
    """
    template = CACHE / "templates" / f"{installation.kind}-{installation.version}"
    with locked(CACHE / "templates.lock"):
        if not template.exists():
            template.parent.mkdir(exist_ok=True)
            _make(installation, template)
    fresh = data.with_name(f"{data.name}-{uuid.uuid4().hex[:8]}")
    shutil.copytree(template, fresh)
    fresh.rename(data)


def program_arguments(installation: Installation, data: Path) -> list[str]:
    """The options of every run of the program: where its files are, and that it must not read configuration files."""
    temporary = data.with_name("tmp")
    temporary.mkdir(exist_ok=True)
    found = [
        "--no-defaults",
        f"--basedir={installation.base}",
        f"--datadir={data}",
        f"--tmpdir={temporary}",  # a starting MariaDB removes the temporary tables of all servers in the same folder
        "--innodb-use-native-aio=OFF",  # containers often have no asynchronous I/O left
    ]
    shares = [installation.base / "share" / name for name in (installation.kind, "mysql")]
    for share in [share for share in shares if (share / "english" / "errmsg.sys").exists()][:1]:
        found += [f"--lc-messages-dir={share}", f"--character-sets-dir={share / 'charsets'}"]
    plugins = [installation.base / "lib" / name / "plugin" for name in ("mysql", "mariadb")]
    found += [f"--plugin-dir={folder}" for folder in plugins if folder.exists()][:1]
    if installation.kind == "mysql":
        found.append("--secure-file-priv=NULL")  # Debian's default is a folder that only its package creates
    if os.geteuid() == 0:
        found.append("--user=root")
    return found


def _make(installation: Installation, target: Path) -> None:
    fresh = target.with_name(f"making-{uuid.uuid4().hex[:8]}")
    fresh.mkdir()
    command = [*installation.command, *program_arguments(installation, fresh)]
    if installation.kind == "mysql":
        done = subprocess.run(
            [*command, "--initialize-insecure"], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    else:
        bootstrap = [*command, "--bootstrap", "--max-allowed-packet=8M", "--log-warnings=0"]
        done = subprocess.run(bootstrap, input=_mariadb_script(installation), capture_output=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(fresh)
        said = (done.stdout + done.stderr).decode(errors="replace").strip()
        raise ServerError(f"{installation.command[-1]} could not create its system tables: {said[-2000:]}")
    fresh.rename(target)


def _mariadb_script(installation: Installation) -> bytes:
    share = installation.base / "share"
    parts = [b"CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n"]
    for names in MARIADB_SCRIPTS:
        paths = [share / folder / name for folder in ("mariadb", "mysql") for name in names]
        path = next((path for path in paths if path.exists()), None)
        if path is None:
            raise ServerError(f"{names[-1]} of MariaDB is missing below {share}")
        parts.append(path.read_bytes())
    return b"\n".join(parts)
