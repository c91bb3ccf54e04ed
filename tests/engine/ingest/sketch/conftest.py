import pytest

from shoplake.declare import Stream
from shoplake.engine import read_file, sketch_streams


@pytest.fixture
def read():
    """Read a file by the only stream that is proposed for it: the stream, the records, and their problems."""

    def read_by_proposal(path):
        (code,) = sketch_streams([(str(path), path.name)])
        stream = eval(code, {"Stream": Stream})
        parts = list(read_file(str(path), stream))
        return stream, [text for part in parts for text in part.texts.to_pylist()], problems_of(parts)

    return read_by_proposal


def problems_of(parts):
    return {problem for part in parts for problem in part.problems.to_pylist()} - {None}
