"""Funnels: how many get from step to step, who they are, and how long it takes."""

from shoplake.transforms.funnel.chart import (
    CHART_COLUMNS,
    MEMBER_COLUMNS,
    add_states,
    count_states,
    funnel,
    funnel_members,
)
from shoplake.transforms.funnel.definition import Count, Funnel, Order, State

__all__ = [
    "CHART_COLUMNS",
    "MEMBER_COLUMNS",
    "Count",
    "Funnel",
    "Order",
    "State",
    "add_states",
    "count_states",
    "funnel",
    "funnel_members",
]
