from shoplake.engine.ingest.formats.raw_records import MISREAD


def test_every_problem_of_a_whole_file_says_what_to_do():
    assert all(". " in text and not text.endswith(".") for text in MISREAD.values())
