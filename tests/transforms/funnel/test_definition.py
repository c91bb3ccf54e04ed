from datetime import datetime, timedelta

import pytest

from shoplake.transforms.funnel import Funnel
from shoplake.transforms.funnel.definition import FunnelError

STEPS = ("product_view", "add_to_cart", "purchase")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("steps", "options", "message"),
    [
        (("purchase",), {}, "at least two steps, not 1: 'purchase'"),
        (("product_vew", "purchase"), {}, "Unknown event 'product_vew'. Did you mean 'product_view'?"),
        (STEPS, {"order": "strikt"}, "Unknown order 'strikt'. Did you mean 'strict'?"),
        (STEPS, {"count": "session"}, "Unknown count 'session'. Did you mean 'sessions'?"),
        (STEPS, {"by": "devise"}, "Unknown column 'devise'. Did you mean 'device'?"),
        (STEPS, {"by_from": 4}, "no step 4. Name one from 1 to 3"),
        (STEPS, {"by_from": "frist"}, "Unknown place 'frist'. Did you mean 'first'?"),
        (STEPS, {"window": None}, "A funnel of visitors needs a window"),
        (STEPS, {"window": timedelta(0)}, "longer than nothing, not 0:00:00"),
        (STEPS, {"step_windows": {1: DAY}}, "Step 1 has no step before it"),
        (STEPS, {"step_windows": {2: DAY}, "order": "any"}, "Step windows need steps in order"),
        (STEPS, {"exclude": ("purchase",)}, "'purchase' is a step and cannot be excluded"),
        (STEPS, {"as_of": datetime(2026, 3, 2)}, "'2026-03-02 00:00:00' has no time zone"),
    ],
)
def test_what_does_not_fit_together_is_named_with_what_to_do(steps, options, message):
    with pytest.raises(FunnelError, match=message.replace("?", r"\?")):
        Funnel(steps, **options)


def test_a_session_needs_no_window():
    assert Funnel(STEPS, window=None, count="sessions").unit_column == "session_id"
