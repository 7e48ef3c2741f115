"""Packed files: one table compressed by gzip, or alone in a zip archive; unpacked in memory, never beyond a bound."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zipfile
import zlib

from aice_helpers.data.files.table import MAX_UNPACKED, NoTable

GZIP, BZIP2, XZ, ZIP = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"PK\x03\x04"

FIX = "Do not open it; ask where the file came from"

_SMALL, _SHRINK = 20_000_000, 400
"""A table shrinks to a tenth or so; what grows beyond the first by more than the second is made to fill the memory."""


def check_archive(archive, packed):
    """Refuse a zip archive that could write outside its folder or unpack to a huge size, or that is locked."""
    entries = archive.infolist()
    for entry in entries:
        parts = re.split(r"[\\/]", entry.filename)
        if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", entry.filename):
            raise NoTable("the archive holds paths that leave the folder", FIX)
        if entry.flag_bits & 1:
            raise NoTable("the file is protected by a password", "Save a copy without a password")
    size = sum(entry.file_size for entry in entries)
    if size > MAX_UNPACKED or len(entries) > 10_000 or (size > _SMALL and size > _SHRINK * packed):
        raise NoTable("the archive would unpack to an implausible size", FIX)


def unpack(data) -> bytes:
    """Bytes compressed by gzip, bzip2 or xz, unpacked; any others as they are.

    Raises
    ------
    NoTable
        When the bytes are damaged or would unpack to an implausible size.
    """
    parts, size = [], 0
    start = {GZIP: lambda: zlib.decompressobj(31), BZIP2: bz2.BZ2Decompressor, XZ: lzma.LZMADecompressor}
    new = next((make for mark, make in start.items() if data.startswith(mark)), None)
    if new is None:
        return data
    bound = min(MAX_UNPACKED, max(_SMALL, _SHRINK * len(data)))
    try:
        while data.rstrip(b"\0"):
            # A file may be several compressed ones in a row; each has its own end.
            one, rest = new(), data
            while not one.eof:
                part = one.decompress(rest, 1 << 24)
                rest = one.unconsumed_tail if hasattr(one, "unconsumed_tail") else b""
                size += len(part)
                parts.append(part)
                if size > bound:
                    raise NoTable("the file would unpack to an implausible size", FIX)
                if not part and not rest and not one.eof:
                    raise EOFError
            data = one.unused_data
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise NoTable("the packed file is damaged", "Export it again") from error
    return b"".join(parts)


def only_table(data) -> tuple[str, bytes]:
    """Name and bytes of the one file in a zip archive, hidden companions of the system set aside.

    Nothing is written: the name serves to know the format and is quoted, never used as a path.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_archive(archive, len(data))
            names = [entry for entry in archive.infolist() if not entry.is_dir() and not _companion(entry.filename)]
            if len(names) != 1:
                listed = ", ".join(repr(re.split(r"[\\/]", entry.filename)[-1]) for entry in names[:10])
                what = f"{len(names)} files: {listed}" if names else "no file"
                raise NoTable(f"the archive holds {what}", "Unpack it and name the one with the table")
            with archive.open(names[0]) as part:
                # The stated size may be untrue, so no more than that is read.
                content = part.read(names[0].file_size + 1)
                if len(content) > names[0].file_size:
                    raise NoTable("the archive would unpack to an implausible size", FIX)
                return names[0].filename, content
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error) as error:
        raise NoTable("the archive is damaged", "Pack it again, or name the unpacked table") from error


def _companion(name):
    parts = re.split(r"[\\/]", name)
    return parts[0] == "__MACOSX" or parts[-1].startswith(".")
