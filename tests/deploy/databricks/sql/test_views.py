def test_a_history_has_a_view_of_its_current_rows(statements):
    [view] = [each for each in statements("views") if "VIEW customers_current" in each]

    assert view.endswith("FROM customers WHERE is_current") and "valid_to" not in view


def test_each_question_is_a_view(statements):
    names = {each.split()[4] for each in statements("views") if "VIEW answer_" in each}

    assert names == {
        f"answer_{name}" for name in ("sales_by_day", "funnel_steps", "channels", "best_products", "segments")
    }
