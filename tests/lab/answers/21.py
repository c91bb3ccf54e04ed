"""Answers to lesson 21, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_tuple():
    return tuple(solution())


def wrong_texts():
    """Return a list of expectations"""
    return ["event_id IS NOT NULL"]
