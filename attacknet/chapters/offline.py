"""The whole book in one file to carry away: a zip of the rendered site, the same bytes from the same site."""

import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

FOLDER = "attacknet-companion"
# The earliest moment that a zip can name: what is in the file says when it was made.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def pack(site: Path, target: Path) -> int:
    """Write the site to a zip, in the order of its names; return the size in bytes.

    Left out is what no reader opens: hidden files of the renderer, the pages' Markdown, maps for debuggers.
    A reader meets the old file or the new one, never a part.
    """
    part = target.with_name(f".{target.name}")
    with ZipFile(part, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            name = path.relative_to(site)
            if name.parts[0] == "_sources" or name.name.startswith(".") or name.suffix == ".map":
                continue
            member = ZipInfo(f"{FOLDER}/{name.as_posix()}", _MOMENT)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = _READABLE
            with path.open("rb") as source, archive.open(member, "w") as packed:
                shutil.copyfileobj(source, packed)
    part.replace(target)
    return target.stat().st_size
