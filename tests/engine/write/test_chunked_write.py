from sample_tables import rows_of, totals

from shoplake.engine.write.chunked_write import write_chunks


def test_the_rows_of_all_parts_take_the_place_of_the_tables_in_one_commit(engine, some):
    engine.create_if_missing(totals)
    engine.write(totals, some(totals, {"feed": "old", "pieces": 9}))
    before = engine.version(totals)

    written = write_chunks(engine, totals, [some(totals, {"feed": name, "pieces": 1}) for name in ("a", "b")])

    assert (rows_of(engine, totals), written.rows_written) == ([("a", 1), ("b", 1)], 2)
    assert engine.version(totals) == before + 1


def test_one_part_is_written_as_it_is(engine, some):
    write_chunks(engine, totals, [some(totals, {"feed": "a", "pieces": 1})])

    assert rows_of(engine, totals) == [("a", 1)]


def test_parts_without_rows_are_passed_over(engine, some):
    rows, none = some(totals, {"feed": "a", "pieces": 1}), some(totals).limit(0)

    write_chunks(engine, totals, [none, rows, none])
    assert rows_of(engine, totals) == [("a", 1)]

    write_chunks(engine, totals, [none, none])
    assert rows_of(engine, totals) == []
