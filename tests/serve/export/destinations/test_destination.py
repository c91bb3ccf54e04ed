from shoplake.serve.export.destinations.destination import WrittenRows


def test_rows_are_whole_unless_said_otherwise():
    assert WrittenRows(3) == WrittenRows(3, is_truncated=False)
