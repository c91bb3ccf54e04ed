def test_each_customer_is_in_all_snapshots_from_the_sign_up_on(shop):
    counts = [count for (count,) in shop.rows("SELECT count(*) FROM customers GROUP BY filename ORDER BY filename")]

    assert counts == sorted(counts)
    assert shop.value("SELECT count(*) - count(DISTINCT (filename, customer_id)) FROM customers") == 0


def test_twins_have_one_email_in_upper_and_lower_case(shop):
    emails = """SELECT t.person_id, count(DISTINCT lower(email)), count(DISTINCT email)
        FROM customers JOIN true_customers t USING (customer_id)
        WHERE filename = (SELECT max(filename) FROM customers)
        GROUP BY ALL HAVING count(DISTINCT t.customer_id) = 2"""

    assert {row[1:] for row in shop.rows(emails)} == {(1, 2)}


def test_different_persons_have_different_emails_at_one_time(shop):
    both = """SELECT filename, lower(email) FROM customers JOIN true_customers USING (customer_id)
        GROUP BY ALL HAVING count(DISTINCT person_id) > 1"""

    assert shop.rows(both) == []


def test_an_email_changes_its_owner(shop):
    [move] = shop.rows(f"SELECT * FROM read_parquet('{shop.folder}/ground_truth/email_moves.parquet')")
    owners = shop.rows(f"SELECT DISTINCT customer_id FROM customers WHERE email = '{move[0]}'")

    assert set(owners) == {(move[1],), (move[2],)}
    assert (
        shop.value(f"SELECT min(updated_at) FROM customers WHERE email = '{move[0]}' AND customer_id = '{move[2]}'")
        == move[3]
    )


def test_a_change_has_its_time_between_two_snapshots(shop):
    versions = """SELECT count(*) FROM (SELECT customer_id FROM customers GROUP BY customer_id, updated_at
        HAVING count(DISTINCT (location, email, phone)) > 1)"""

    assert shop.value(versions) == 0
    assert (
        shop.value(
            "SELECT count(*) FROM (SELECT customer_id FROM customers GROUP BY 1 HAVING count(DISTINCT updated_at) > 1)"
        )
        > 2
    )
