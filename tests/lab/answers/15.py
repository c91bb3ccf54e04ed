"""Answers to lesson 15, whose names they see. A wrong one has a part of its hint for a docstring."""


def wrong_nothing(rows, path, day):
    """The day is missing"""
    rows.write.format("delta").mode("ignore").save(path)
