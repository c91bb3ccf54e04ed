from sample_tables import marks, prices, totals

from shoplake.declare import Replace


def test_the_key_of_a_record_is_that_of_its_table_without_the_feed():
    assert marks.write.record_key(marks) == ("id",)


def test_the_key_of_a_change_has_only_columns_that_a_change_has():
    assert prices.write.record_key(prices) == ("thing",)


def test_a_table_by_feed_has_records_without_a_key():
    assert totals.write.record_key(totals) == ()


def test_a_mode_promises_nothing_that_it_does_not_declare():
    assert (Replace().accounts_for_rows, Replace().has_changelog, Replace().reads_files) == (False, False, False)
