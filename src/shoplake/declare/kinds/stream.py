"""Streams: the files of a feed that go into one bronze table, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property
from typing import Literal, get_args

from shoplake.declare.kinds.zones import zone_mistake
from shoplake.errors import DeclarationError, hint

Format = Literal["json", "csv", "parquet", "xlsx"]

COMPRESSIONS = (".gz", ".zst")
ARCHIVE = ".zip"
PATH = re.compile(r"\$(\.[^.\[\]]+|\[\*\])*")
"""A JSON path: members and all elements of an array, as in `$.orders[*]`."""
OPTIONS: dict[str, tuple[str, ...]] = {
    "delimiter": ("csv",),
    "quote": ("csv",),
    "escape": ("csv",),
    "header": ("csv", "xlsx"),
    "skip": ("csv", "xlsx"),
    "decimal": ("csv", "xlsx"),
    "numbers": ("csv", "xlsx"),
    "currency_symbol": ("csv", "xlsx"),
    "dates": ("csv", "xlsx"),
    "zones": ("csv", "xlsx"),
    "nulls": ("csv", "xlsx"),
    "encoding": ("csv", "json"),
    "path": ("json",),
    "pages": ("json",),
    "sheet": ("xlsx",),
}
"""The formats that each option applies to."""


@dataclass(frozen=True)
class Stream:
    """Files of one pattern in a feed's folder; each record becomes a row of the bronze table `into`.

    A file that several streams match goes into each of their tables. Text files may be compressed (`.gz`, `.zst`) or
    packed (`.zip`, one text file or several).

    Args:
        pattern: path in the feed's folder, with `*` in file and folder names; of a packed file without `.gz`, `.zst`
            and `.zip`, or with them.
        format: `json` (one record a line, or documents with `path`), `csv`, `parquet` or `xlsx`.
        into: the bronze table.
        fields: the fields that the kind maps; others are kept in bronze and reported as schema drift. A CSV or Excel
            header may spell them in other case and with spaces around.
        path: JSON path of the records in a document: `$` is the document, `$[*]` the elements of an array,
            `$.orders[*]` those of its member `orders`. Without it each line is a record.
        pages: JSON paths of the records in a file that is one document, such as a page of an API; the first that the
            document has counts. Without any, an object with one of `fields` is a record. Other files have a record a
            line.
        delimiter: what separates the cells of a CSV line.
        quote: what encloses a cell with delimiters or line ends; empty if nothing does.
        escape: what stands before a quote, delimiter, line end or itself that is text, such as the backslash of MySQL;
            with n, r, t, b or Z it is a control character, with N alone in a cell it stays as it is, for `nulls`.
        header: whether the first line names the fields; if not, `fields` are the columns in order.
        skip: how many lines, or rows of a sheet, are above the header or the first record; they are no records.
        encoding: the encoding of a text file, as Python names it; a byte order mark counts before it.
        decimal: the decimal separator of the cells in `numbers`; the other of `.` and `,` may group thousands.
        numbers: the fields whose cells are rewritten as plain numbers with a point.
        currency_symbol: what may stand before or after a number of `numbers`, such as `£`; one with another does not
            fit.
        dates: field → `strptime` format of its cells, which are rewritten as ISO 8601; with `%z` and `%Z` (UTC, PDT,
            an IANA name …) they keep their offset. Cells of a sheet that are numbers and dates already stay so.
        zones: what names of time zones in `dates` stand for, IANA names or offsets: `{"CEST": "+02:00"}`. They count
            before those that `%Z` knows.
        nulls: texts of cells that stand for no value, such as `NULL` or `-`; a field has null there.
        sheet: the sheet of an Excel file, or a pattern of several, such as `*`; its first one by default.

    Raises DeclarationError for options that contradict each other or do not apply to the format.

    """

    pattern: str
    format: Format
    into: str
    fields: tuple[str, ...] = ()
    path: str | None = None
    pages: tuple[str, ...] = ()
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    header: bool = True
    skip: int = 0
    encoding: str = "utf-8"
    decimal: str = "."
    numbers: tuple[str, ...] = ()
    currency_symbol: str = ""
    dates: Mapping[str, str] = field(default_factory=dict, hash=False)
    zones: Mapping[str, str] = field(default_factory=dict, hash=False)
    nulls: tuple[str, ...] = ()
    sheet: str | None = None

    def __post_init__(self) -> None:
        if self.format not in get_args(Format):
            raise self._error(f"unknown format '{self.format}'. {hint(str(self.format), get_args(Format))}")
        for option, formats in OPTIONS.items():
            if getattr(self, option) != getattr(Stream, option, {}) and self.format not in formats:
                raise self._error(f"'{option}' does not apply to {self.format}. It applies to {' and '.join(formats)}.")
        self._check_text()
        self._check_paths()
        self._check_fields()
        self._check_zones()

    def matches(self, path: str) -> bool:
        """Whether the file at `path`, relative to the feed's folder, belongs to this stream, packed or not.

        Its ending as a packed file is no part of the pattern, but may be.
        """
        plain = path.removesuffix(".gz").removesuffix(".zst")
        if self.format in ("csv", "json"):
            plain = plain.removesuffix(ARCHIVE)
        names = (path, plain) if self.pattern.endswith((ARCHIVE, *COMPRESSIONS)) else (plain,)
        return path.count("/") == self.pattern.count("/") and any(map(self._is_match, names))

    @cached_property
    def _is_match(self) -> Callable[[str], re.Match[str] | None]:
        """The pattern, compiled once: a landing folder has thousands of files."""
        return re.compile(translate(self.pattern)).match

    @property
    def is_rewritten(self) -> bool:
        """Whether bronze has the records as CSV with commas and double quotes, and not as the file has them."""
        return self.delimiter != "," or self.quote != '"' or bool(self.escape) or self.has_conversions

    @property
    def has_conversions(self) -> bool:
        """Whether texts of cells are numbers, dates or nulls in another spelling than that of bronze."""
        return bool(self.numbers or self.dates or self.nulls)

    def _check_text(self) -> None:
        if len(self.delimiter) != 1:
            raise self._error(f"the delimiter '{self.delimiter}' is not one character. Write delimiter=';' or '\\t'.")
        if len(self.quote) > 1 or self.quote == self.delimiter:
            raise self._error(f"the quote '{self.quote}' is not one character, or is the delimiter. Write quote='\"'.")
        if len(self.escape) > 1 or (self.escape and self.escape in (self.delimiter, self.quote)):
            raise self._error(
                f"escape '{self.escape}' is not one character, or is the delimiter or the quote. "
                "Write escape='\\\\', and none where quotes are doubled."
            )
        if "" in self.nulls:  # as in every text, which a tuple with one text but no comma is
            raise self._error(f"nulls={self.nulls!r} is no tuple of texts. Write nulls=('NULL',), with a comma.")
        if self.decimal not in (".", ","):
            raise self._error(f"the decimal separator '{self.decimal}' is neither '.' nor ','.")
        try:
            b"\xff\xfea\0".decode(self.encoding, "replace")
        except (LookupError, UnicodeError):
            raise self._error(f"unknown encoding '{self.encoding}'. Write encoding='cp1252', for example.") from None

    def _check_paths(self) -> None:
        if self.path is not None and not PATH.fullmatch(self.path):
            raise self._error(f"the path '{self.path}' is no JSON path. Write path='$.orders[*]', '$[*]' or '$'.")
        for page in self.pages:
            if not PATH.fullmatch(page):
                raise self._error(f"pages has '{page}', which is no JSON path. Write pages=('$.orders[*]', '$[*]').")
        if self.pages and self.path is not None:
            raise self._error("path and pages exclude each other. With path every file is a document.")

    def _check_fields(self) -> None:
        if not self.header and not self.fields:
            raise self._error("files without a header need fields=(…), the names of their columns in order.")
        if self.skip < 0:
            raise self._error(f"skip={self.skip} is no number of lines. Write skip=1 for one line above the header.")
        if self.decimal != "." and not self.numbers:
            raise self._error("decimal=',' needs numbers=(…), the fields that have such numbers.")
        if self.currency_symbol and not self.numbers:
            raise self._error("currency_symbol=… needs numbers=(…), the fields that have such numbers.")
        for option in ("numbers", "dates"):
            for name in getattr(self, option):
                if name not in self.fields:
                    raise self._error(
                        f"{option} names the field '{name}', which is not in fields. {hint(name, self.fields)}"
                    )

    def _check_zones(self) -> None:
        if self.zones and not any("%Z" in format.replace("%%", "") for format in self.dates.values()):
            raise self._error(
                "zones needs dates=… with %Z, where such a name stands. A column of names is for from_local(…, zones)."
            )
        if (mistake := zone_mistake(self.zones)) is not None:
            raise self._error(mistake)

    def _error(self, message: str) -> DeclarationError:
        return DeclarationError(f"Stream '{self.pattern}': {message}")
