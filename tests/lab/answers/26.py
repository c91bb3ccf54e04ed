"""Answers to lesson 26, whose names they see. A wrong one has a part of its hint for a docstring."""


def wrong_nothing(orders, as_of):
    """answer returned nothing"""
    solution(orders, as_of)
