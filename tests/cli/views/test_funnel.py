from datetime import UTC, datetime

import pyarrow as pa
import pytest
from rich.console import Console

from shoplake.cli.views.funnel import FunnelView, MembersView
from shoplake.operations.funnel_report import FunnelReport, FunnelStep
from shoplake.transforms.funnel import Funnel

STEPS = ("product_view", "purchase")


def step(number, *counts, segment="(all)", median=None, feed="shop"):
    times = (None, median, *[None] * 6)
    return FunnelStep(feed, segment, number, STEPS[number - 1], *counts, 0.25, 0.2, *times)


def report(*steps, **options):
    return FunnelReport(Funnel(STEPS, **options), steps, events=None)


@pytest.fixture
def printed():
    """The lines that a view prints."""

    def lines(view):
        out = Console(width=200, record=True, markup=False, highlight=False)
        view.render(out)
        return [line.split() for line in out.export_text().splitlines()]

    return lines


def test_each_step_is_a_line_with_counts_rates_and_the_median_time(printed):
    lines = printed(FunnelView(report(step(1, 10, 10, 0, 0), step(2, 10, 2, 6, 2, median=3_661.0))))

    assert lines[0][:5] == ["step", "entered", "converted", "dropped", "open"]
    assert lines[2][:10] == ["2", "purchase", "10", "2", "6", "2", "25.0", "%", "20.0", "%"]
    assert lines[2][10] == "1:01:01"


def test_a_split_shows_its_segments_and_several_feeds_their_names(printed):
    steps = (step(1, 1, 1, 0, 0, segment="mobile"), step(1, 1, 1, 0, 0, segment="mobile", feed="other"))

    lines = printed(FunnelView(report(*steps, by="device")))

    assert lines[0][:3] == ["feed", "device", "step"]
    assert lines[2][:2] == ["other", "mobile"]


def test_without_a_start_one_line_says_so(printed):
    assert printed(FunnelView(report())) == [["No", "visitors", "with", "a", "first", "step."]]


def test_members_are_listed_up_to_the_limit_and_counted_in_full(printed):
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    names = ("feed", "segment", "unit_id", "attempt", "started_at", "step_at")
    rows = pa.Table.from_pylist(
        [dict(zip(names, ("shop", "(all)", who, 1, at, None), strict=True)) for who in ("ann", "bob")]
    )

    lines = printed(MembersView(rows, limit=1))

    assert lines[1] == ["shop", "(all)", "ann", "1", "2026-03-02", "09:00:00"]
    assert lines[2:] == [["2", "members"]]
