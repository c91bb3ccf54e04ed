import gzip

import pyarrow as pa
import pytest
from starlette.responses import Response

from shoplake.serve.api.compression import compress

BODY = b"shop" * 1000


def test_gzip_is_read_back():
    response = compress(Response(BODY), "gzip")

    assert gzip.decompress(response.body) == BODY
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-length"] == str(len(response.body))


def test_zstd_is_read_back():
    response = compress(Response(BODY, media_type="text/csv"), "zstd")

    assert pa.decompress(response.body, decompressed_size=len(BODY), codec="zstd", asbytes=True) == BODY
    assert response.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize(("body", "encoding"), [(BODY, ""), (b"short", "gzip")])
def test_other_bodies_stay_as_they_are(body, encoding):
    assert compress(Response(body), encoding).body == body
