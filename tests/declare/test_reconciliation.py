from shoplake.declare.reconciliation import Reconciliation


def test_totals_must_be_equal_unless_a_tolerance_is_declared():
    assert Reconciliation("gold.t", "differs", "SELECT 1", "SELECT 1").tolerance_cents_per_row == 0
