def test_a_long_payment_puts_the_purchase_into_a_session_of_its_own(shop):
    gaps = """SELECT p.event_at - max(c.event_at) AS gap FROM events p JOIN events c USING (session_id)
        WHERE p.event_name = 'purchase' AND c.event_name = 'checkout_started' {} GROUP BY p.event_id, p.event_at"""
    back = "AND p.utm_source IN ('paypal', 'klarna')"

    long = [gap for (gap,) in shop.rows(gaps.format(back)) if gap.total_seconds() > 1_800]
    others = shop.rows(gaps.format("AND p.utm_medium IS DISTINCT FROM 'referral'"))
    assert len(long) > 5
    assert max(gap.total_seconds() for (gap,) in others) < 1_800


def test_without_the_feature_there_are_no_referrals_and_no_spend(realistic):
    plain = realistic(features=())

    assert plain.value("SELECT count(*) FROM events WHERE utm_medium = 'referral'") == 0
    assert not (plain.folder / "spend").exists()
