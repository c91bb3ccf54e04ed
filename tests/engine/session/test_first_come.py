import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from shoplake.engine.session import sail
from shoplake.engine.session.few_new_rows import one_task
from shoplake.engine.session.first_come import first_come_memory

LIMIT = 450_000_000


@pytest.fixture
def limited():
    """A session of this process whose queries may use 150 MB."""
    return sail.session(LIMIT)


def too_large(session):
    """A join whose hash table takes more than any query may."""
    rows = session.range(1_500_000).select("id", F.lpad(F.col("id").cast("string"), 200, "x").alias("text"))
    return rows.hint("shuffle_hash").join(rows.hint("shuffle_hash"), on="text").agg(F.count("*"))


def pool_of(session):
    """The kind of memory pool that is too small for a query."""
    with pytest.raises(PySparkException, match="memory pool") as raised:
        too_large(session).collect()
    return str(raised.value).partition("memory pool: ")[2].partition("(")[0]


@pytest.mark.slow
def test_memory_is_for_whoever_asks_first_inside_and_shared_fairly_before_and_after(limited):
    pools = [pool_of(limited)]
    with first_come_memory(limited) as is_first_come:
        pools.append(pool_of(limited))

    assert (pools, is_first_come, pool_of(limited)) == (["fair", "greedy"], True, "fair")


def test_rows_of_a_query_that_began_before_go_on_inside_and_the_client_is_back_after_an_error(limited):
    client, rows = limited.client, limited.range(10).where("id > 7")
    begun = rows.toLocalIterator()
    first = next(begun).id

    with pytest.raises(ZeroDivisionError), first_come_memory(limited):
        assert limited.client is not client
        assert [first, *[row.id for row in begun]] == [row.id for row in rows.collect()] == [8, 9]
        raise ZeroDivisionError

    assert limited.client is client
    assert rows.count() == 2


def test_inside_times_are_utc_and_numbers_ansi_as_outside(limited):
    with first_come_memory(limited):
        assert {name: limited.conf.get(name) for name in sail.SETTINGS} == sail.SETTINGS


def test_a_step_is_as_many_tasks_inside_as_outside(limited):
    def is_divided():
        return "RepartitionExec" in limited.range(9).groupBy("id").count()._explain_string()

    with one_task(limited), first_come_memory(limited):
        assert not is_divided()

    with first_come_memory(limited):
        assert is_divided()


def test_without_a_limit_of_memory_nothing_changes(spark):
    client = spark.client

    with first_come_memory(spark) as is_first_come:
        assert (is_first_come, spark.client is client) == (False, True)


def test_there_is_one_such_session_for_each_server(limited):
    assert sail.SERVERS.first_come(limited) is sail.SERVERS.first_come(limited)
    assert sail.session(LIMIT) is limited
