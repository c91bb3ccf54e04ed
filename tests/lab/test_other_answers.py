"""Answers that learners give beside the solution and the two mistakes of each lesson, as cells of their own."""

import textwrap

import pytest

from shoplake.cli.lab.lesson import find_lab, find_lesson
from shoplake.cli.lab.play import NOTHING_RETURNED, check_answer

ON_SPARK = (pytest.mark.slow, pytest.mark.spark)
RIGHT = {
    "09-doubles": """
        def other(lines, payments):
            in_doubles = [rows.withColumn("amount", F.col("amount").cast("double")) for rows in (lines, payments)]
            return solution(*in_doubles)
    """,
    "18-text": """
        def other(purchases, products):
            return str(solution(purchases, products))
    """,
    "20-date": """
        def other(events):
            return solution(events).withColumn("day", F.to_date("day"))
    """,
    "21-tuple": """
        def other():
            return tuple(solution())
    """,
    "23-sql": """
        def other(events):
            return spark.sql("SELECT event_name, count(*) AS events FROM {events} GROUP BY 1", events=events)
    """,
    "25-number": """
        def other(customers, secret):
            columns = ("customer_id", "signup_date", "valid_from", "valid_to")
            return customers.select(*columns, F.xxhash64(F.lit(secret), F.col("email")).alias("email_key"))
    """,
}
WRONG = {
    "08-bots": (
        "Are bots left out?",
        """
        def other(events):
            return solution(events.withColumn("is_bot", F.lit(False)))
        """,
    ),
    "10-hint": (
        "Sail ignores the hint",
        """
        def other(spark, views, sales, folder):
            return views.join(F.broadcast(sales.distinct()), ["product_id", "event_date"], "left_semi")
        """,
    ),
    "14-nothing": (
        "Return one number, not NoneType",
        """
        def other(frame):
            solution(frame)
        """,
    ),
    "15-nothing": (
        "The day is missing",
        """
        def other(rows, path, day):
            rows.write.format("delta").mode("ignore").save(path)
        """,
    ),
    "18-row": (
        "Return one number, not Row",
        """
        def other(purchases, products):
            return purchases.agg(F.sum("quantity")).first()
        """,
    ),
    "20-two-days": (
        "A window is a whole day",
        """
        def other(events):
            once = events.withWatermark("event_at", "7 days").dropDuplicatesWithinWatermark(["event_id"])
            days = once.groupBy(F.window("event_at", "2 days")).count()
            return days.select(F.col("window.start").alias("day"), F.col("count").alias("events"))
        """,
    ),
    "20-forever": (
        "every event ever seen",
        """
        def other(events):
            once = events.dropDuplicates(["event_id"]).withWatermark("event_at", "7 days")
            days = once.groupBy(F.window("event_at", "1 day")).count()
            return days.select(F.col("window.start").alias("day"), F.col("count").alias("events"))
        """,
    ),
    "21-texts": (
        "Return a list of expectations",
        """
        def other():
            return ["event_id IS NOT NULL"]
        """,
    ),
    "23-small-plan": (
        "rows came to your program",
        """
        def other(events):
            return spark.createDataFrame(solution(events).collect())
        """,
    ),
    "25-encoding": (
        "An encoding is no secret",
        """
        def other(customers, secret):
            columns = ("customer_id", "signup_date", "valid_from", "valid_to")
            return customers.select(*columns, F.base64(F.concat(F.lit(secret), F.col("email"))).alias("email_key"))
        """,
    ),
    "26-nothing": (
        NOTHING_RETURNED,
        """
        def other(orders, as_of):
            solution(orders, as_of)
        """,
    ),
}


def of_lessons(answers):
    marked = [pytest.param(each, marks=ON_SPARK if each.startswith("20") else ()) for each in answers]
    return pytest.mark.parametrize("name", marked)


@pytest.fixture
def checked(played):
    """Return a function that checks an answer, whose code sees the names of its lesson."""

    def check(name, code):
        names = dict(played(find_lesson(find_lab(), name[:2])))
        exec(textwrap.dedent(code), names)
        return check_answer(names["check"], names["other"])

    return check


@of_lessons(RIGHT)
def test_a_right_answer_in_another_form_passes(checked, name):
    result = checked(name, RIGHT[name])

    assert result.has_passed, result.hint


@of_lessons(WRONG)
def test_a_wrong_answer_is_refused_for_its_own_reason(checked, name):
    hint, code = WRONG[name]

    assert hint in checked(name, code).hint
