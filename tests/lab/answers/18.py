"""Answers to lesson 18, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_text(purchases, products):
    return str(solution(purchases, products))


def wrong_row(purchases, products):
    """Return one number, not Row"""
    return purchases.agg(F.sum("quantity")).first()
