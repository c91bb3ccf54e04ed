def test_a_later_snapshot_contains_price_changes(clean):
    changes = clean.rows("SELECT product_id FROM products GROUP BY ALL HAVING count(DISTINCT price) > 1")

    assert len(changes) == clean.ground_truth["products"]["versions"] - clean.ground_truth["products"]["ids"] > 0


def test_an_event_has_the_price_valid_at_its_moment(clean):
    actual = clean.rows(
        """SELECT count(*) FROM events ASOF JOIN (SELECT DISTINCT * EXCLUDE filename FROM products) AS valid
        ON events.product_id = valid.product_id AND events.event_at >= valid.updated_at
        WHERE events.price = valid.price"""
    )

    assert actual == clean.rows("SELECT count(*) FROM events WHERE product_id IS NOT NULL")


def test_updated_at_changes_exactly_when_a_product_does(clean):
    actual = clean.rows("SELECT count(*) FROM (SELECT DISTINCT * EXCLUDE filename FROM products)")

    assert actual == [(clean.ground_truth["products"]["versions"],)]


def test_names_contain_commas_quotation_marks_and_accents(clean):
    names = " ".join(name for (name,) in clean.rows("SELECT product_name FROM products"))

    assert {",", '"', "é"} <= set(names)


def test_a_price_is_a_decimal_above_the_cost(clean):
    assert clean.rows("SELECT DISTINCT typeof(price) FROM products") == [("DECIMAL(18,2)",)]
    assert clean.rows("FROM products WHERE cost >= price") == []
