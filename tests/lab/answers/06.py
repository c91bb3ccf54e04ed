"""Answers to lesson 06, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_dates(events, timezone):
    day = F.to_date(F.from_utc_timestamp("event_at", timezone))
    return dict(events.groupBy(day).count().collect())


def right_python(events, timezone):
    seconds = [row[0] for row in events.select(F.unix_seconds("event_at")).collect()]
    days = [datetime.fromtimestamp(each, ZoneInfo(timezone)).date().isoformat() for each in seconds]
    return {day: days.count(day) for day in set(days)}


def wrong_summer(events, timezone):
    """one side of the clocks' change"""
    return by_day(events, F.to_date(F.col("event_at") - F.expr("interval 4 hours")))


def wrong_backwards(events, timezone):
    """convert from it, not to it"""
    return by_day(events, F.to_date(F.to_utc_timestamp("event_at", timezone)))


def wrong_times(events, timezone):
    """A key is a day"""
    day = F.date_trunc("day", F.from_utc_timestamp("event_at", timezone))
    return dict(events.groupBy(day).count().collect())


def wrong_rows(events, timezone):
    """Return a dictionary of counts by day, not DataFrame"""
    return events.groupBy(local_date(F.col("event_at"), timezone)).count()
