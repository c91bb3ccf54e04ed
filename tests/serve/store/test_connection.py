from shoplake.serve.store.connection import connect_memory


def test_times_are_in_utc():
    with connect_memory() as connection:
        assert connection.cursor().execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)


def test_memory_and_threads_are_bounded():
    with connect_memory(memory_limit="64MiB") as connection:
        found = connection.execute("SELECT current_setting('threads'), current_setting('memory_limit')").fetchone()

    assert found == (1, "64.0 MiB")
