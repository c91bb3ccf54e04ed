"""A dashboard of the shop's questions, in the format of AI/BI dashboards (`.lvdash.json`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.deploy.databricks.references import schema, variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.deploy.databricks.answers.questions import Question

FILE = "dashboards/shop.lvdash.json"
WIDTH, HEIGHT, COLUMNS = 3, 6, 2
"""The grid is six wide: two charts beside each other."""
CHART_VERSIONS = {"line": 3, "bar": 3, "table": 1}


def dashboard_resource() -> dict[str, Any]:
    """Return the resource; its queries name tables alone, so that catalog and schema are the target's."""
    dashboard = {
        "display_name": "${bundle.name}: the shop",
        "file_path": f"../{FILE}",
        "warehouse_id": variable("warehouse_id"),
        "dataset_catalog": variable("catalog"),
        "dataset_schema": schema("gold"),
        "permissions": [{"level": "CAN_READ", "group_name": variable("analysts")}],
    }
    return {"resources": {"dashboards": {"shop": dashboard}}}


def dashboard_file(questions: Sequence[Question]) -> dict[str, Any]:
    """Return the contents of the dashboard: a data set and a chart a question, on one page."""
    datasets = [
        {"name": each.name, "displayName": each.text, "queryLines": each.sql.splitlines(keepends=True)}
        for each in questions
    ]
    layout = [{"widget": _widget(each), "position": _position(place)} for place, each in enumerate(questions)]
    page = {"name": "shop", "displayName": "Shop", "pageType": "PAGE_TYPE_CANVAS", "layout": layout}
    return {"datasets": datasets, "pages": [page]}


def _position(place: int) -> dict[str, int]:
    return {"x": place % COLUMNS * WIDTH, "y": place // COLUMNS * HEIGHT, "width": WIDTH, "height": HEIGHT}


def _widget(question: Question) -> dict[str, Any]:
    fields = {
        question.x: f"`{question.x}`",
        question.y: f"`{question.y}`" if question.chart == "table" else f"SUM(`{question.y}`)",
        **({question.color: f"`{question.color}`"} if question.color else {}),
    }
    query = {
        "datasetName": question.name,
        "fields": [{"name": name, "expression": expression} for name, expression in fields.items()],
        "disaggregated": question.chart == "table",
    }
    spec = {
        "version": CHART_VERSIONS[question.chart],
        "widgetType": question.chart,
        "encodings": _encodings(question),
        "frame": {"showTitle": True, "title": question.text},
    }
    return {"name": question.name, "queries": [{"name": "main_query", "query": query}], "spec": spec}


def _encodings(question: Question) -> dict[str, Any]:
    if question.chart == "table":
        return {"columns": [{"fieldName": name, "displayName": _label(name)} for name in (question.x, question.y)]}
    x_type = "temporal" if question.x_is_time else "categorical"
    encodings = {"x": _axis(question.x, x_type), "y": _axis(question.y, "quantitative")}
    return encodings | ({"color": _axis(question.color, "categorical")} if question.color else {})


def _axis(name: str, scale: str) -> dict[str, Any]:
    return {"fieldName": name, "scale": {"type": scale}, "displayName": _label(name)}


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
