"""Answers to lesson 20, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_date(events):
    return solution(events).withColumn("day", F.to_date("day"))


def wrong_two_days(events):
    """A window is a whole day"""
    once = events.withWatermark("event_at", "7 days").dropDuplicatesWithinWatermark(["event_id"])
    days = once.groupBy(F.window("event_at", "2 days")).count()
    return days.select(F.col("window.start").alias("day"), F.col("count").alias("events"))


def wrong_forever(events):
    """every event ever seen"""
    once = events.dropDuplicates(["event_id"]).withWatermark("event_at", "7 days")
    days = once.groupBy(F.window("event_at", "1 day")).count()
    return days.select(F.col("window.start").alias("day"), F.col("count").alias("events"))
