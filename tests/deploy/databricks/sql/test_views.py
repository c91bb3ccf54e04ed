def test_a_history_has_a_view_of_its_current_rows(statements):
    [view] = [each for each in statements("views") if "VIEW customers_current" in each]

    assert view.endswith("FROM customers WHERE is_current") and "valid_to" not in view


def test_personal_columns_of_a_history_are_masked_in_its_view_for_all_but_the_group(statements):
    [view] = [each for each in statements("views") if "VIEW customers_current" in each]

    assert "is_account_group_member('personal_data_readers') THEN email " in view and "END AS email" in view
    assert ", email," not in view


def test_each_question_is_a_view(statements):
    names = {each.split()[4] for each in statements("views") if "VIEW answer_" in each}

    assert names == {
        f"answer_{name}" for name in ("sales_by_day", "funnel_steps", "channels", "best_products", "segments")
    }
