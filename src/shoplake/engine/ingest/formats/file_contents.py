"""The text of a file: decompressed, unpacked and in UTF-8."""

from __future__ import annotations

import codecs
import re
import zipfile
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

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


def open_texts(path: str, encoding: str = "utf-8", block_bytes: int = BLOCK_BYTES) -> Iterator[TextStream]:
    """Yield the text of a local file or object, or each text of an archive by name, as UTF-8.

    A byte order mark counts before the encoding. Bytes that the encoding does not have become bytes that are no UTF-8.
    Raises BadZipFile for what is no archive.
    """
    where, name = filesystem.filesystem_for(path)
    if not name.endswith(ARCHIVE):
        with where.open_input_stream(name, compression="detect", buffer_size=block_bytes) as stream:
            yield TextStream(stream, encoding)
        return
    with where.open_input_file(name) as source, _open_archive(source) as archive:
        for member in text_members(archive):
            with archive.open(member) as stream:
                yield TextStream(cast("BinaryIO", stream), encoding)


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


def _mark_encoding(block: bytes) -> str | None:
    """Return the encoding that a text says by the byte order mark that it begins with."""
    if block.startswith(BOM):
        return "utf-8"
    found = [name for name in ("utf-32", "utf-16") if block.startswith(MARKS[name])]
    return found[0] if found else None


@cache
def _is_single_byte(encoding: str) -> bool:
    """Whether each byte is a character in an encoding."""
    letters = bytes(range(256)).decode(encoding, "replace")
    return len(letters) == 256 and letters.count("\ufffd") < 64


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most so many bytes, or all; none at the end only."""
        ...


class TextStream:
    """A text of a file, read as UTF-8 whatever its encoding.

    A byte order mark says the encoding, else it is the declared one. UTF-16 and UTF-32 without a mark are
    little-endian, as on Windows.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream, self._encoding = stream, codecs.lookup(encoding).name
        self._decoder: codecs.IncrementalDecoder | None = None
        self._is_begun, self._is_judged = False, False
        self.is_utf8_instead = False
        """Whether the text read so far is UTF-8, though each of its bytes is a character in the declared encoding."""

    def read(self, size: int = -1) -> bytes:
        """Return about as many bytes; none at the end only."""
        while block := bytes(self._stream.read(size) if size >= 0 else self._stream.read()):
            if text := self._decode(block):
                return text
        return self._decode(b"", final=True)

    def _decode(self, block: bytes, *, final: bool = False) -> bytes:
        if not self._is_begun:
            self._begin(block)
        if not self._is_judged and not block.isascii():
            self._is_judged, self.is_utf8_instead = True, _is_utf8_of(block, self._encoding)
            self._decoder = None if self.is_utf8_instead else self._decoder
        if self._decoder is None:
            return block
        return self._decoder.decode(block, final=final).encode("utf-8", "surrogateescape")

    def _begin(self, block: bytes) -> None:
        marked = _mark_encoding(block)
        encoding = marked or (f"{self._encoding}-le" if self._encoding in MARKS else self._encoding)
        self._is_begun = True
        self._is_judged = marked is not None or not _is_single_byte(encoding)
        if encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(encoding)("shoplake.mark")


def _is_utf8_of(block: bytes, encoding: str) -> bool:
    """Whether bytes are UTF-8 with a character that a single-byte encoding has, or with one beyond 16 bits.

    Such text is read without an error there, as in `MÃ¼ller`. Bytes of that encoding that happen to be UTF-8, as `É®`,
    are characters that it does not have.
    """
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(block)
    except UnicodeDecodeError:
        return False
    others = {letter for letter in text if not letter.isascii()}
    return any(ord(letter) > 0xFFFF or letter.encode(encoding, "ignore") for letter in others)
