"""Answers as responses: rows with `meta` in JSON, in other formats with the same in headers."""

import time
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from starlette.responses import Response

from shoplake.serve.answers.query.answer import Answer, Meta
from shoplake.serve.api.bytes_response import BytesResponse
from shoplake.serve.api.context import RequestContext
from shoplake.serve.api.encode.json_rows import json_rows, to_json
from shoplake.serve.api.encode.streams import stream_rows
from shoplake.serve.api.media import FORMATS
from shoplake.serve.api.problem import ProblemError

JSON_TYPE = (b"content-type", FORMATS["json"].encode())


def answer_response(context: RequestContext, answer: Answer, next: str | None = None) -> Response:
    """Return an answer in the format that the request chose; `next` is the address of the page after it."""
    headers, began = (
        answer_headers(context, answer.meta, is_truncated=answer.is_truncated, next=next),
        time.perf_counter(),
    )
    body = _encoded(context, answer, next)
    context.time("encode", began)
    return Response(body, headers=headers, media_type=FORMATS[context.format])


def _encoded(context: RequestContext, answer: Answer, next: str | None) -> bytes:
    if context.format == "json":
        body = {
            "meta": meta_values(context.generation.id if context.generation else None, answer.meta),
            "data": json_rows(answer.rows),
            "truncated": answer.is_truncated,
            "next": next,
        }
        return to_json(body)
    reader = pa.RecordBatchReader.from_batches(answer.rows.schema, answer.rows.to_batches())
    try:
        return b"".join(stream_rows(reader, context.format))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise ProblemError(422, f"The rows cannot be written as {context.format}: {error}. Cast to text.") from error


def document_response(document: bytes, meta: bytes) -> Response:
    """Return a stored JSON document with its `meta`, both JSON, without parsing them."""
    body = b'{"meta":%s,"data":%s}' % (meta, document)
    return BytesResponse(body, ((b"content-length", b"%d" % len(body)), JSON_TYPE))


def meta_values(generation: str | None, meta: Meta) -> dict[str, Any]:
    """Return where rows come from, as members of a JSON object."""
    return {
        "table": meta.table,
        "version": meta.version,
        "as_of": meta.as_of,
        "generation": generation,
        "units": meta.units,
        **({"currency": meta.currency} if meta.currency else {}),
        "definition": meta.definition,
        "definition_url": f"/v1/meta/{meta.table}",
    }


def answer_headers(
    context: RequestContext, meta: Meta, *, is_truncated: bool, next: str | None = None
) -> Mapping[str, str]:
    """Return where rows come from as headers, for formats that have no room for it."""
    headers = {
        "Shoplake-Table": meta.table,
        "Shoplake-Version": str(meta.version),
        "Shoplake-As-Of": meta.as_of.isoformat(),
        "Shoplake-Truncated": str(is_truncated).lower(),
    }
    if meta.currency:
        headers["Shoplake-Currency"] = meta.currency
    if next is not None:
        headers["Link"] = f'<{next}>; rel="next"'
    if context.format == "csv":
        headers["Content-Disposition"] = f'attachment; filename="{meta.table}.csv"'
    return headers
