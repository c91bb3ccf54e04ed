def test_a_table_has_its_meaning_and_each_column_its_own(statements):
    silver = statements("tables_2")

    assert any(each.startswith("COMMENT ON TABLE events IS 'One row per") for each in silver)
    [columns] = [each for each in silver if each.startswith("ALTER TABLE order_lines ALTER COLUMN\n")]
    assert "\n  order_id COMMENT 'The order" in columns


def test_a_key_without_nulls_is_a_primary_key_and_another_a_property(statements):
    primary = "ALTER TABLE events ADD CONSTRAINT events_key PRIMARY KEY (feed, event_id) NOT ENFORCED"
    key = "ALTER TABLE sales_daily SET TBLPROPERTIES ('shoplake.key' = 'feed, sales_date, currency')"
    assert (primary in statements("tables_2"), key in statements("tables_3")) == (True, True)


def test_personal_columns_are_tagged_with_their_kind(statements):
    assert "ALTER TABLE customers ALTER COLUMN email SET TAGS ('personal_data' = 'email')" in statements("tables_2")


def test_a_table_of_the_project_is_among_them_with_its_quotes(statements):
    [columns] = [each for each in statements("tables_3") if each.startswith("ALTER TABLE last_buyers ALTER COLUMN\n")]

    assert columns.endswith("buyer COMMENT 'It\\'s who bought last'")
