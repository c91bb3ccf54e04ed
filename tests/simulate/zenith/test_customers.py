def test_ids_and_versions_of_customers_match_the_ground_truth(clean):
    ids = clean.rows("SELECT count(DISTINCT customer_id) FROM customers")
    versions = clean.rows("SELECT count(*) FROM (SELECT DISTINCT * EXCLUDE (filename, updated_at) FROM customers)")

    assert ids == [(clean.ground_truth["customers"]["ids"],)]
    assert versions == [(clean.ground_truth["customers"]["versions"],)]


def test_updated_at_changes_exactly_when_a_customer_does(clean):
    actual = clean.rows("SELECT count(*) FROM (SELECT DISTINCT customer_id, updated_at FROM customers)")

    assert actual == [(clean.ground_truth["customers"]["versions"],)]


def test_later_snapshots_have_customers_who_signed_up_since(clean):
    sizes = [n for (n,) in clean.rows("SELECT count(*) FROM customers GROUP BY filename ORDER BY filename")]

    assert sizes[0] < sizes[-1] == clean.ground_truth["customers"]["ids"]


def test_no_customer_shops_before_signing_up(clean):
    actual = clean.rows(
        """FROM events JOIN (SELECT customer_id, min(signup_date) AS joined FROM customers GROUP BY ALL)
        ON user_id = customer_id WHERE event_date::DATE < joined"""
    )

    assert actual == []


def test_every_known_visitor_is_in_a_snapshot(clean):
    assert clean.rows("FROM events ANTI JOIN customers ON user_id = customer_id WHERE user_id IS NOT NULL") == []


def test_locations_contain_commas_quotation_marks_and_accents(clean):
    locations = {location for (location,) in clean.rows("SELECT location FROM customers")}

    assert {"Zürich, Altstadt", 'Hamburg "HafenCity"'} <= locations
