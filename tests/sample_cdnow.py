"""The orders of CDNOW's customers of early 1997 (Fader and Hardie), from the data files of a package."""

from __future__ import annotations

from functools import cache
from importlib.metadata import files

import pandas as pd


def dataset(name):
    """The path of a data file."""
    return next(file.locate() for file in files("lifetimes") if file.name == name)


@cache
def summary():
    """One row per customer of the 1/10 sample: x, t_x and T in weeks, and the mean value of the repeat orders."""
    return pd.read_csv(dataset("cdnow_customers_summary_with_transactions.csv"))


@cache
def master():
    """One row per order of all customers: customer_id, day, amount."""
    names = ["customer_id", "day", "cds", "amount"]
    orders = pd.read_csv(dataset("CDNOW_master.txt"), sep=r"\s+", header=0, names=names, dtype=str)
    return orders.assign(day=pd.to_datetime(orders.day).dt.date)
