from shoplake.serve.answers.marketing import (
    MODELS,
    AttributionOrdersQuery,
    AttributionQuery,
    attribution,
    attribution_orders,
)


def test_every_model_credits_the_revenue_of_the_orders(generation, shop):
    rows = attribution(generation, AttributionQuery()).rows.to_pylist()

    revenue = sum(x["net"] for x in shop.lines if x["currency"] == "GBP" and not x["is_cancelled"])
    assert {sum(row[f"revenue_{model}"] for row in rows) for model in MODELS} == {revenue}


def test_the_touches_behind_a_channel_add_up_to_its_credit(generation):
    for row in attribution(generation, AttributionQuery()).rows.to_pylist():
        touches = attribution_orders(generation, AttributionOrdersQuery("linear", row["channel"])).rows.to_pylist()

        assert sum(touch["revenue"] for touch in touches) == row["revenue_linear"]


def test_only_channels_with_spend_have_a_return_on_it(generation):
    rows = attribution(generation, AttributionQuery()).rows.to_pylist()

    assert {row["channel"] for row in rows if row["roas"] is not None} == {"paid_search"}
