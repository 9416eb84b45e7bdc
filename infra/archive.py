"""A zip archive whose bytes depend only on the files in it: sorted names, one date, two modes."""

from __future__ import annotations

import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date that the format can hold."""

FILE_MODE, LIBRARY_MODE = 0o100644, 0o100755
UNIX = 3


def write(folder: Path, target: Path) -> None:
    """Pack all files below `folder`."""
    files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, path in files:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = UNIX
            entry.external_attr = (LIBRARY_MODE if path.suffix == ".so" else FILE_MODE) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
