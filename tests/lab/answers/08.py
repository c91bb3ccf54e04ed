"""Answers to lesson 08, whose names they see. A wrong one has a part of its hint for a docstring."""


def wrong_bots(events):
    """Are bots left out?"""
    return solution(events.withColumn("is_bot", F.lit(False)))
