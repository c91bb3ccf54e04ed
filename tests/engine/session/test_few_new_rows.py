import threading

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from shoplake.engine.session.few_new_rows import FEW_NEW_ROWS, MOST_ROWS, PARALLELISM, expect_rows, one_task


@pytest.fixture(autouse=True)
def _without_the_variable_of_the_tests(monkeypatch):
    monkeypatch.delenv(PARALLELISM, raising=False)


@pytest.fixture
def session(spark):
    yield spark
    expect_rows(spark, MOST_ROWS, MOST_ROWS)


def is_divided(session):
    """Whether the engine divides the rows of a group-by among tasks."""
    return "RepartitionExec" in plan(session)


def plan(session):
    numbers = session.createDataFrame([(number % 7, number) for number in range(100)], "key int, number int")
    return numbers.groupBy("key").agg(F.sum("number"))._explain_string()


@pytest.mark.parametrize(
    ("rows", "new", "divided"),
    [
        (MOST_ROWS, 1, False),
        (MOST_ROWS, FEW_NEW_ROWS - 1, False),
        (MOST_ROWS, FEW_NEW_ROWS, True),
        (MOST_ROWS + 1, 1, True),
        (7, 0, True),
    ],
)
def test_a_step_is_one_task_where_few_rows_are_new_and_no_table_is_large(session, rows, new, divided):
    expect_rows(session, rows, new)

    assert is_divided(session) is divided


def test_after_few_new_rows_steps_are_divided_again(session):
    expect_rows(session, 100, 100)
    expect_rows(session, FEW_NEW_ROWS, FEW_NEW_ROWS)

    assert is_divided(session)


@pytest.mark.parametrize("new", [1, FEW_NEW_ROWS])
def test_a_step_of_many_rows_is_one_task_for_a_while(session, new):
    expect_rows(session, MOST_ROWS, new)

    with one_task(session):
        assert not is_divided(session)

    assert is_divided(session) is (new == FEW_NEW_ROWS)


def test_after_a_while_in_one_task_the_variable_of_the_engine_is_in_force_again(session, monkeypatch):
    monkeypatch.setenv(PARALLELISM, "3")

    with one_task(session):
        assert not is_divided(session)

    assert "], 3), input_partitions=" in plan(session)


def test_of_two_threads_in_one_task_neither_divides_the_steps_of_the_other(session):
    expect_rows(session, MOST_ROWS, MOST_ROWS)
    seen, second_begins = [], threading.Event()

    def second():
        second_begins.set()
        with one_task(session):
            seen.append(is_divided(session))

    with one_task(session):
        other = threading.Thread(target=second)
        other.start()
        second_begins.wait(60)
        other.join(0.2)
        assert not seen
        seen.append(is_divided(session))
    other.join()

    assert seen == [False, False] and is_divided(session)


def test_the_variable_of_the_engine_stays_in_force(session, monkeypatch):
    monkeypatch.setenv(PARALLELISM, "2")

    expect_rows(session, 100, 100)

    assert is_divided(session)


def test_an_engine_without_the_setting_is_used_as_it_is():
    class Session:
        def sql(self, query):
            raise PySparkException(query)

    expect_rows(Session(), 100, 100)
