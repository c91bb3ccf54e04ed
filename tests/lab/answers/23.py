"""Answers to lesson 23, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_sql(events):
    return spark.sql("SELECT event_name, count(*) AS events FROM {events} GROUP BY 1", events=events)


def wrong_small_plan(events):
    """rows came to your program"""
    return spark.createDataFrame(solution(events).collect())
