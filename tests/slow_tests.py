"""Tests of many seconds whose behaviour a cheaper test of the quick ones shows, too, on another engine or table.

`make test-slow` runs them. A test with a parameter is named with it.
"""

SLOW = {
    # equal on Sail in the quick tests; the Spark session is dear
    ("conformance/test_single_writes.py", "test_the_first_of_a_key_stays_whatever_comes_when_and_however_often[spark]"),
    ("conformance/test_single_writes.py", "test_rows_that_are_each_made_of_a_new_row_are_added_with_their_days[spark]"),
    ("conformance/test_overwrites.py", "test_a_history_is_the_same_whatever_order_its_changes_come_in[spark]"),
    ("conformance/test_currencies.py", "test_a_thousand_of_three_currencies_are_three_rows[spark]"),
    ("conformance/test_currencies.py", "test_the_revenue_of_a_session_is_converted[spark]"),
    # reliability/shops/test_equality.py shows it for the native kind
    (
        "reliability/test_shopify_shop.py",
        "test_files_in_any_order_split_and_sent_again_give_the_tables_of_one_run",
    ),
    ("reliability/test_shopify_shop.py", "test_the_sales_of_each_day_are_the_ground_truth[sent]"),
    (
        "reliability/shops/test_retailrocket.py",
        "test_files_in_any_order_and_any_number_of_runs_give_the_tables_of_one_run[few tables]",
    ),
    (
        "reliability/test_cancelled_refunds.py",
        "test_the_refund_of_a_cancelled_order_is_no_return_in_any_order_of_arrival[cancelled last]",
    ),
    (
        "reliability/test_cancelled_refunds.py",
        "test_the_refund_of_a_cancelled_order_is_no_return_in_any_order_of_arrival[refunded last]",
    ),
    ("reliability/shops/test_currencies.py", "test_rates_that_come_before_the_sales_give_the_same"),
    (
        "reliability/shops/test_corrections.py",
        "test_a_full_refresh_and_one_run_over_all_files_give_the_same_tables",
    ),
    (
        "reliability/shops/test_corrections.py",
        "test_a_run_that_is_killed_while_it_replaces_is_completed_by_the_next[after_merge]",
    ),
    (
        "reliability/test_product_tables.py",
        "test_files_of_a_later_day_rebuild_its_partition_and_give_the_tables_of_one_run",
    ),
    (
        "reliability/crashes/test_kill.py",
        "test_rows_that_a_run_added_before_it_died_are_not_added_again[after_append_rows]",
    ),
    ("reliability/test_identity.py", "test_people_do_not_depend_on_the_order_of_arrival[2]"),
    ("reliability/shops/test_reruns.py", "test_days_are_built_again_together_with_what_is_new"),
    # the same of one command or table in the quick tests
    ("cli/commands/lake/test_run.py", "test_a_run_whose_reader_is_gone_finishes_with_exit_code_0[words0]"),
    ("cli/progress/test_watch_progress.py", "test_a_new_file_is_in_gold_and_a_signal_ends_the_watch_with_0[15]"),
    ("cli/commands/lake/test_definitions.py", "test_after_apply_there_is_nothing_to_plan_and_a_run_is_let_through"),
    (
        "operations/definitions/test_change_matrix.py",
        "test_a_changed_lake_is_planned_and_applied_until_it_equals_a_fresh_one[rule tightened]",
    ),
    (
        "tables/gold/sales/test_order_values_incremental.py",
        "test_a_late_return_and_a_late_first_order_change_their_own_days",
    ),
    ("engine/test_runtime.py", "test_two_lakes_with_different_settings_run_and_are_read_side_by_side"),
    ("test_lake_changes.py", "test_lost_definitions_are_damage_and_restored_by_a_repair"),
}
