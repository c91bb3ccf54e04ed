"""The text of a file: decompressed, unpacked and in UTF-8."""

from __future__ import annotations

import codecs
import re
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from shoplake.declare.kinds.stream import ARCHIVE
from shoplake.engine.storage import filesystem

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

BLOCK_BYTES = 8 << 20
BOM = b"\xef\xbb\xbf"
MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
"""The byte order marks that a text in these encodings begins with."""
MARKUP = re.compile(r"\ufeff?\s*<(?:!doctype|html|head|body|table|\?xml|error)\b", re.IGNORECASE)
"""What a web page or XML begins with, which a download of an export is when it failed."""
MARKUP_HEAD = 100
"""Characters that are looked at for it."""
WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")
"""What workbooks begin with, and those of before 2007."""
WORKBOOK_HEAD = max(map(len, WORKBOOKS))
"""Bytes of a file that show whether it is one."""
UNDECODABLE = "\udcff"
"""Stands for bytes that the encoding does not have, until they are written as bytes that are no UTF-8."""

codecs.register_error("shoplake.mark", lambda error: (UNDECODABLE, cast("UnicodeDecodeError", error).end))


def open_texts(path: str, encoding: str = "utf-8", block_bytes: int = BLOCK_BYTES) -> Iterator[BinaryIO]:
    """Yield the text of a local file or object, or each text of an archive by name, as UTF-8.

    Bytes that the encoding does not have become bytes that are no UTF-8. Raises BadZipFile for what is no archive.
    """
    where, name = filesystem.filesystem_for(path)
    if not name.endswith(ARCHIVE):
        with where.open_input_stream(name, compression="detect", buffer_size=block_bytes) as stream:
            yield _in_utf8(stream, encoding)
        return
    with where.open_input_file(name) as source, _open_archive(source) as archive:
        for member in text_members(archive):
            with archive.open(member) as stream:
                yield _in_utf8(cast("BinaryIO", stream), encoding)


def is_markup(text: str | bytes) -> bool:
    """Whether a text begins as a web page or XML."""
    head = text[:MARKUP_HEAD]
    return MARKUP.match(head.decode("utf-8", "replace") if isinstance(head, bytes) else head) is not None


def is_workbook(head: bytes) -> bool:
    """Whether a file that begins with `head` is a workbook, or empty."""
    return not head or head.startswith(WORKBOOKS)


def text_members(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of the files in an archive, sorted, without hidden ones and those of macOS."""
    names = sorted(member.filename for member in archive.infolist() if not member.is_dir())
    return [name for name in names if not any(part.startswith((".", "__MACOSX")) for part in name.split("/"))]


def _open_archive(source: pa.NativeFile) -> zipfile.ZipFile:
    if not source.size():  # of which Arrow says "Invalid position"
        raise zipfile.BadZipFile("The file is empty: not even an archive without files")
    return zipfile.ZipFile(source)


@contextmanager
def open_bytes(path: str) -> Iterator[BinaryIO]:
    """Open the bytes of a local file or object for access at random."""
    where, name = filesystem.filesystem_for(path)
    with where.open_input_file(name) as source:
        yield source


def _in_utf8(stream: BinaryIO, encoding: str) -> BinaryIO:
    is_utf8 = codecs.lookup(encoding).name == "utf-8"
    return stream if is_utf8 else cast("BinaryIO", _Transcoder(stream, encoding))


def _without_mark(encoding: str, block: bytes) -> str:
    """Return the encoding of a text; UTF-16 and UTF-32 without a byte order mark are little-endian, as on Windows."""
    name = codecs.lookup(encoding).name
    return f"{name}-le" if name in MARKS and not block.startswith(MARKS[name]) else name


class _Transcoder:
    """A stream in another encoding, read as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream, self._encoding = stream, encoding
        self._decoder: codecs.IncrementalDecoder | None = None

    def read(self, size: int = -1) -> bytes:
        """Return about as many bytes; none at the end only."""
        while block := bytes(self._stream.read(size)):
            if text := self._decode(block):
                return text
        return self._decode(b"", final=True)

    def _decode(self, block: bytes, *, final: bool = False) -> bytes:
        if self._decoder is None:
            encoding = _without_mark(self._encoding, block)
            self._decoder = codecs.getincrementaldecoder(encoding)("shoplake.mark")
        return self._decoder.decode(block, final=final).encode("utf-8", "surrogateescape")
