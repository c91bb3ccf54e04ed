"""Answers to lesson 14, whose names they see. A wrong one has a part of its hint for a docstring."""


def wrong_nothing(frame):
    """answer returned nothing"""
    solution(frame)
