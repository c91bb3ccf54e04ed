from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from pyspark.sql import functions as F

from shoplake.transforms.sales.allocate import allocate

SCHEMA = "g int, i int, total decimal(18,4), weight decimal(18,4), step decimal(18,4)"


@pytest.fixture
def parts(spark):
    """The parts of rows (group, number, total, weight) by group and number."""

    def parts(*rows, step="0.01"):
        cells = [(g, i, *(None if each is None else Decimal(each) for each in (*rest, step))) for g, i, *rest in rows]
        steps = F.col("step")
        frame = allocate(
            spark.createDataFrame(cells, SCHEMA),
            ["g"],
            total="total",
            weight="weight",
            step=steps,
            order_by="i",
            into="part",
        )
        kept = [name for name in frame.columns if not name.startswith("_")]
        assert kept == ["g", "i", "total", "weight", "step", "part"]
        return {(row.g, row.i): row.part for row in frame.collect()}

    return parts


def test_equal_remainders_go_to_the_first_row(parts):
    assert parts((1, 2, "100", "5"), (1, 1, "100", "5"), (1, 3, "100", "5")) == {
        (1, 1): Decimal("33.34"),
        (1, 2): Decimal("33.33"),
        (1, 3): Decimal("33.33"),
    }


def test_the_largest_remainder_has_the_cent(parts):
    assert list(parts((1, 1, "0.05", "1"), (1, 2, "0.05", "2")).values()) == [Decimal("0.02"), Decimal("0.03")]


@pytest.mark.parametrize(("total", "parts_value"), [("-1", ["-0.50", "-0.50"]), ("0", ["0", "0"]), (None, ["0", "0"])])
def test_a_total_may_be_negative_zero_or_missing(parts, total, parts_value):
    assert list(parts((1, 1, total, "1"), (1, 2, total, "1")).values()) == list(map(Decimal, parts_value))


def test_rows_without_any_weight_have_equal_parts(parts):
    assert list(parts((1, 1, "1", "0"), (1, 2, "1", None)).values()) == [Decimal("0.50"), Decimal("0.50")]


def test_what_is_less_than_a_cent_is_not_lost(parts):
    assert sum(parts((1, 1, "1.0003", "1"), (1, 2, "1.0003", "1"), (1, 3, "1.0003", "1")).values()) == Decimal("1.0003")


def test_a_row_without_weight_has_not_even_what_is_less_than_a_cent(parts):
    output = parts((1, 1, "1.0003", "0"), (1, 2, "1.0003", "1"))

    assert output == {(1, 1): Decimal(0), (1, 2): Decimal("1.0003")}


def test_groups_are_allocated_separately(parts):
    assert parts((1, 1, "3", "1"), (2, 1, "4", "1")) == {(1, 1): Decimal(3), (2, 1): Decimal(4)}


@pytest.mark.parametrize("step", ["0.01", "1", "0.001"])
def test_parts_are_those_of_exact_fractions(parts, step):
    random = Random(step)
    groups = {g: Decimal(random.randint(-(10**6), 10**9)).scaleb(-4) for g in range(40)}
    rows = [
        (g, i, total, Decimal(random.randint(0, 10**9)).scaleb(-4)) for g, total in groups.items() for i in range(5)
    ]

    output = parts(*rows, step=step)

    for g, total in groups.items():
        weights = [weight for group, _, _, weight in rows if group == g]
        assert [output[g, i] for i in range(5)] == _shares(total, weights, Decimal(step))


def _shares(total, weights, step):
    units, below = divmod(abs(total), step)
    exact = [Fraction(units) * Fraction(each) / Fraction(sum(weights)) for each in weights]
    extra = int(units) - sum(map(int, exact))
    best = sorted(range(len(exact)), key=lambda i: (int(exact[i]) - exact[i], i))
    shares = [int(each) * step for each in exact]
    for place, i in enumerate(best):
        shares[i] += step if place < extra else below if place == extra else 0
    return [share if total >= 0 else -share for share in shares]
