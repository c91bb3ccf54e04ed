"""Answers to lesson 03, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_range(events):
    return events.repartitionByRange(4, "visitor_id")


def right_coalesce_of_visitors(events):
    return events.repartition(16, F.col("visitor_id")).coalesce(4).sortWithinPartitions("visitor_id")


def wrong_other_column(events):
    """follow another one"""
    return events.repartition(4, "event_name")


def wrong_coalesce(events):
    """times a visitor is in another partition too"""
    return events.coalesce(4)


def wrong_one(events):
    """Use all 4"""
    return events.coalesce(1)
