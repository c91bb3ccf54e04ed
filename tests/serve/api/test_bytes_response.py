from starlette.testclient import TestClient

from shoplake.serve.api.bytes_response import BytesResponse


def test_body_status_and_headers_are_sent_as_they_are():
    answer = TestClient(BytesResponse(b"{}", [(b"content-type", b"text/csv"), (b"content-length", b"2")], 203)).get("/")

    assert (answer.status_code, answer.content) == (203, b"{}")
    assert dict(answer.headers) == {"content-type": "text/csv", "content-length": "2"}
