"""Raw records of a part of a file, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

JSON_DOCUMENT = "json_document"
HEADER_MISSING = "header_missing"
DELIMITER_DIFFERS = "delimiter_differs"
ENCODING_DIFFERS = "encoding_differs"
PATH_NOT_FOUND = "path_not_found"
PART_NOT_FOUND = "part_not_found"
"""The problem of an element of a document, such as an order, that has nothing at the stream's path beside others."""
NOT_JSON = "not_json"
PAGE_INCOMPLETE = "page_incomplete"
SHEET_NOT_FOUND = "sheet_not_found"
SHEET_NOT_READ = "sheet_not_read"
MARKUP_DOCUMENT = "markup_document"
DUPLICATE_COLUMNS = "duplicate_columns"
"""The problem of a record with different texts in columns of one name: which of them counts is not known."""
MISREAD = {
    JSON_DOCUMENT: 'is one JSON document, but is read line by line. Declare path="$.orders[*]" or "$[*]"',
    HEADER_MISSING: "has none of the stream's fields in the line of its header. Declare skip=… if lines are above it, "
    "header=False if there is none, or correct `fields`",
    DELIMITER_DIFFERS: "has another delimiter. Declare the stream with delimiter=…",
    ENCODING_DIFFERS: 'is no text in the encoding of its stream. Declare encoding="cp1252" or "utf-16", none if it is '
    "UTF-8, or name a packed file or a workbook by what it is: .csv.gz, .csv.zip, .xlsx",
    PATH_NOT_FOUND: "has no records at the stream's path. Correct path=…, or ask again if it is an error's answer",
    NOT_JSON: "is no JSON document. Declare the stream without path=… if each line is a record",
    PAGE_INCOMPLETE: "begins as a page of records, but is cut off or no JSON further on. Ask for the page again",
    MARKUP_DOCUMENT: "is a web page or XML, such as that of an error or a login, and no export. Export it again",
    SHEET_NOT_READ: "has more sheets with the columns of the first, which alone is read. "
    'Declare sheet="*" to read all, or the name of one',
    SHEET_NOT_FOUND: "has no sheet of the stream's name. Correct sheet=…",
}
"""Problems of a whole file that its stream's options explain, and what to do."""


class RawRecords(NamedTuple):
    """Texts of records, the lines they begin on, CSV header or field names, and problems; arrays of one length."""

    texts: pa.Array
    lines: pa.Array
    headers: pa.Array
    problems: pa.Array
