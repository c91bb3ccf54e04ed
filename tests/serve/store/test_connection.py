from shoplake.serve.store.connection import connect_build, connect_memory


def test_times_are_in_utc():
    with connect_memory() as connection:
        assert connection.cursor().execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)


def test_memory_and_threads_are_bounded():
    with connect_memory(memory_limit="64MiB") as connection:
        found = connection.execute("SELECT current_setting('threads'), current_setting('memory_limit')").fetchone()

    assert found == (1, "64.0 MiB")


def test_a_build_spills_into_the_store(tmp_path):
    with connect_build(tmp_path) as connection:
        connection.execute("SET memory_limit = '64MB'")
        connection.execute("CREATE TEMP TABLE many AS SELECT uuid()::VARCHAR AS text FROM range(3000000)")

        assert list((tmp_path / "spill").iterdir())


def test_no_progress_is_printed():
    with connect_memory() as connection:
        assert connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)


def test_sums_over_an_outer_join_with_an_empty_table_are_whole():
    with connect_memory() as connection:
        connection.execute("CREATE TABLE sold AS SELECT range // 100 AS product, range % 9 AS units FROM range(300)")
        connection.execute("CREATE TABLE named (product BIGINT, is_current BOOLEAN)")
        sums = "SELECT product, sum(units)::BIGINT AS units FROM sold LEFT JOIN (FROM named WHERE is_current)"

        found = connection.execute(f"{sums} USING (product) GROUP BY product ORDER BY product").fetchall()

    assert found == [(each, sum(n % 9 for n in range(100 * each, 100 * each + 100))) for each in range(3)]
