"""All subjects, and the tables that they read."""

from __future__ import annotations

from shoplake.serve.answers import carts, customers, journey, marketing, money, product_views, products, quality, sales
from shoplake.serve.answers.predictions import churn, models, recommendations
from shoplake.serve.answers.query.answer import Subject

OTHER_TABLES = (
    *("silver.sessions", "silver.products", "silver.customers", "silver.events"),
    *("ops.quality", "ops.gates", "ops.metrics", "ops.incidents", "ops.quarantine_reasons"),
    *("ops.table_runs", "ops.models", "ops.model_aliases"),
)
"""The tables outside gold that a generation must have for the subjects."""

SUBJECTS: tuple[Subject, ...] = (
    Subject(
        "sales",
        "Sales by day, week or month and by dimension",
        sales.SalesQuery,
        sales.sales,
        is_in_memory=sales.is_in_memory,
    ),
    Subject("sales_lines", "Order and return lines behind sales", sales.SalesLinesQuery, sales.sales_lines),
    Subject("visits", "Visits and conversion by period", journey.VisitsQuery, journey.visits),
    Subject("funnel", "Sessions by funnel step", journey.FunnelQuery, journey.funnel),
    Subject("funnel_members", "Sessions behind a funnel step", journey.FunnelMembersQuery, journey.funnel_members),
    Subject("paths", "Steps from page to page", journey.PathsQuery, journey.paths),
    Subject("carts", "Carts by state", carts.CartsQuery, carts.carts),
    Subject("cart_list", "Carts of a state", carts.CartListQuery, carts.cart_list),
    Subject("segments", "Customers by segment or tier", customers.SegmentsQuery, customers.segments),
    Subject("segment_moves", "Moves between segments by month", customers.SegmentMovesQuery, customers.segment_moves),
    Subject("customer_list", "Customers of a segment or tier", customers.CustomerListQuery, customers.customer_list),
    Subject("cohorts", "Retention by time of the first order", customers.CohortsQuery, customers.cohorts),
    Subject("customer", "One customer", customers.CustomerQuery, customers.customer, is_personal=True),
    Subject(
        "customer_orders", "Orders of a customer", customers.CustomerQuery, customers.customer_orders, is_personal=True
    ),
    Subject(
        "customer_carts", "Carts of a customer", customers.CustomerQuery, customers.customer_carts, is_personal=True
    ),
    Subject(
        "customer_visits", "Visits of a customer", customers.CustomerQuery, customers.customer_visits, is_personal=True
    ),
    Subject(
        "customer_timeline",
        "Orders, carts and visits of a customer by time",
        customers.CustomerQuery,
        customers.customer_timeline,
        is_personal=True,
    ),
    Subject(
        "customer_versions",
        "Versions of a customer's record",
        customers.CustomerQuery,
        customers.customer_versions,
        is_personal=True,
    ),
    Subject(
        "customer_churn",
        "Churn probability of a customer, and its reasons",
        churn.CustomerChurnQuery,
        churn.customer_churn,
        is_personal=True,
    ),
    Subject(
        "customer_recommendations",
        "Products recommended to a customer, and why",
        recommendations.CustomerRecommendationsQuery,
        recommendations.customer_recommendations,
        is_personal=True,
    ),
    Subject("products", "Products by sales, views or change", products.ProductsQuery, products.products),
    Subject("product_days", "One product by day", products.ProductQuery, products.product_days),
    Subject("product_views", "Views of a product", product_views.ProductViewsQuery, product_views.product_views),
    Subject("bought_together", "Pairs in one basket", products.ProductQuery, products.bought_together),
    Subject(
        "product_recommendations",
        "Products that go with a product",
        recommendations.ProductRecommendationsQuery,
        recommendations.product_recommendations,
    ),
    Subject("product_returns", "Products by return rate", products.ProductQuery, products.product_returns),
    Subject("stock_outs", "Times without stock", products.ProductQuery, products.stock_outs),
    Subject("price_changes", "Changes of prices", products.ProductQuery, products.price_changes),
    Subject("attribution", "Revenue by channel and model", marketing.AttributionQuery, marketing.attribution),
    Subject(
        "attribution_orders",
        "Touches behind attribution",
        marketing.AttributionOrdersQuery,
        marketing.attribution_orders,
    ),
    Subject("reconciliation", "From events to payments by cause", money.ReconciliationQuery, money.reconciliation),
    Subject(
        "reconciliation_orders", "Orders behind a cause", money.ReconciliationOrdersQuery, money.reconciliation_orders
    ),
    Subject("anomalies", "Days out of the ordinary", money.AnomaliesQuery, money.anomalies),
    Subject("models", "Versions of models and their figures", models.ModelsQuery, models.models),
    Subject("model_figures", "Churn model beside its peers", models.ModelQuery, models.model_figures),
    Subject("model_calibration", "Calibration of the churn model", models.ModelQuery, models.model_calibration),
    Subject("score_drift", "Churn scores by as-of day", models.ScoreDriftQuery, models.score_drift),
    Subject("quality", "Checks of each table", quality.QualityQuery, quality.quality),
    Subject("freshness", "Last run of each table", quality.FreshnessQuery, quality.freshness),
    Subject("gates", "Gates and what they measured", quality.GatesQuery, quality.gates),
    Subject("measures", "Measures of closed days and their bands", quality.MeasuresQuery, quality.measures),
    Subject("quarantine", "Open quarantined records by reason", quality.QuarantineQuery, quality.quarantine),
    Subject("incidents", "Incidents that are open, or all", quality.IncidentsQuery, quality.incidents),
    Subject("runs", "Runs of the lake", quality.RunsQuery, quality.runs),
)
