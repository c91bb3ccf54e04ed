import io
import os

from shoplake.cli.broken_pipe import discard_output


def test_writing_to_a_closed_pipe_does_nothing_once_it_is_discarded():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        discard_output(stream)

        stream.write("text")
        stream.flush()


def test_discarding_a_stream_in_memory_does_nothing():
    stream = io.StringIO()
    discard_output(stream)
    stream.write("text")
    assert stream.getvalue() == "text"
