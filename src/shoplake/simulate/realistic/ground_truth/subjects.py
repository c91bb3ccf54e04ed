"""Ground truth by subject as Parquet files.

Times are UTC; money is decimal(18,4) in the order's currency. Ids are those of the shop's files; a person is `p` and a
number, and two customers with one person are one human.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.files import write_table
from shoplake.simulate.realistic.channels import channels_of
from shoplake.simulate.realistic.customers.life import NEVER
from shoplake.simulate.realistic.customers.rates import COVARIATES
from shoplake.simulate.realistic.ground_truth.planted import (
    affinities_table,
    anomalies_table,
    channels_table,
    price_changes_table,
    stockouts_table,
)
from shoplake.simulate.realistic.ground_truth.reconciliation import Reconciliation
from shoplake.simulate.realistic.markets import MARKETS
from shoplake.simulate.realistic.money import to_decimals
from shoplake.simulate.realistic.orders.documents import customer_number, order_number

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.simulate.realistic.customers.people import People
    from shoplake.simulate.realistic.customers.snapshots import CustomerSnapshots
    from shoplake.simulate.realistic.events.event_lines import EventLines
    from shoplake.simulate.realistic.orders.documents import Documents
    from shoplake.simulate.realistic.story import Story
    from shoplake.simulate.rng import Flags, Ints


def write_subjects(
    folder: Path, story: Story, documents: Documents, event_lines: EventLines, snapshots: CustomerSnapshots
) -> None:
    """Write one Parquet file per subject into `folder`."""
    people = story.world.people
    tables = {
        "customers": _customers(story),
        "orders": _orders(story, documents),
        "refunds": _refunds(story, documents),
        "events": _events(story, event_lines),
        "shared_devices": pa.table({"anonymous_id": event_lines.device_ids(people.shared)}),
        "reconciliation": Reconciliation(story, documents).table(),
        "anomalies": anomalies_table(story),
        "channels": channels_table(story),
        "affinities": affinities_table(story),
        "stockouts": stockouts_table(story),
        "price_changes": price_changes_table(story),
        "email_moves": _email_moves(snapshots),
    }
    for name, rows in tables.items():
        write_table(folder / f"{name}.parquet", rows)


def persons_of(people: People, account: Ints) -> Ints:
    """Return the persons behind customers and other visitors."""
    return np.where(account < people.customers, people.person[np.minimum(account, people.customers - 1)], account)


def person_ids(persons: Ints) -> pa.Array:
    """Format persons as `p` and a number."""
    distinct, position = np.unique(persons, return_inverse=True)
    return pa.array([f"p{person + 1}" for person in distinct.tolist()], pa.string()).take(pa.array(position))


def to_times(at: Ints, is_there: Flags | None = None) -> pa.Array:
    """Convert UTC ms to timestamps; null where it is not there."""
    mask = None if is_there is None else ~is_there
    return pa.array(np.where(at == NEVER, 0, at), pa.timestamp("ms", "UTC"), mask=mask)


def _customers(story: Story) -> pa.Table:
    lives, people = story.world.lives, story.world.people
    count = people.customers
    position = np.full(count, -1, dtype=np.int64)
    position[lives.buyers] = np.arange(len(lives.buyers))
    buys = position >= 0
    sold = story.exists & ~story.priced.is_cancelled & (story.placed.customer >= 0)
    made = np.flatnonzero(story.exists & (story.placed.customer >= 0))
    first_at, left_at = np.full(count, NEVER), np.full(count, NEVER)
    np.minimum.at(first_at, story.placed.customer[made], story.priced.at[made])
    leaving = made[story.placed.leaves[made]]
    left_at[story.placed.customer[leaving]] = story.priced.at[leaving]
    covariates = {
        f"is_{name}": pa.array(lives.rates.covariates[position, number], mask=~buys)
        for number, name in enumerate(COVARIATES)
    }
    return pa.table(
        {
            "customer_id": pa.array([customer_number(customer) for customer in range(count)]),
            "person_id": person_ids(people.person),
            "country": pa.array([MARKETS[market].country for market in lives.home_market[:count].tolist()]),
            "signed_up_at": to_times(lives.signed_up_at),
            "first_order_at": to_times(first_at, first_at != NEVER),
            "left_at": to_times(left_at, left_at != NEVER),
            "rate": pa.array(lives.rates.rate[position], mask=~buys),
            "drop_out": pa.array(lives.rates.drop_out[position], mask=~buys),
            **covariates,
            "orders": pa.array(np.bincount(story.placed.customer[sold], minlength=count)),
        }
    )


def _orders(story: Story, documents: Documents) -> pa.Table:
    placed, priced, people = story.placed, story.priced, story.world.people
    orders = np.flatnonzero(story.exists)
    orders = orders[np.argsort(story.numbers[orders])]
    dates = story.world.calendar
    lead = placed.lead[orders].tolist()
    has_events = np.isin(np.arange(len(placed)), story.events.order)
    channels = channels_of(story.world.options)
    return pa.table(
        {
            "order_id": pa.array([order_number(number) for number in story.numbers[orders].tolist()]),
            "customer_id": pa.array(
                [customer_number(each) if each >= 0 else None for each in placed.customer[orders].tolist()], pa.string()
            ),
            "person_id": person_ids(persons_of(people, placed.person[orders])),
            "ordered_at": to_times(priced.at[orders]),
            "order_date": pa.array([dates.dates[dates.day_of(at)] for at in priced.at[orders].tolist()], pa.date32()),
            "country": pa.array([MARKETS[market].country for market in placed.market[orders].tolist()]),
            "currency": pa.array([story.world.markets.currencies[each] for each in priced.currency[orders].tolist()]),
            "gross": to_decimals(priced.goods()[orders]),
            "discount": to_decimals(priced.discount[orders]),
            "shipping": to_decimals(priced.shipping[orders]),
            "paid": to_decimals(np.array([documents.paid(order) for order in orders.tolist()], dtype=np.int64)),
            "is_cancelled": pa.array(priced.is_cancelled[orders]),
            "is_edited": pa.array(priced.is_edited[orders]),
            "has_events": pa.array(has_events[orders]),
            "has_lead": pa.array(placed.lead[orders] >= 0),
            "lead_source": pa.array([channels[each].source if each >= 0 else None for each in lead], pa.string()),
            "lead_medium": pa.array([channels[each].medium if each >= 0 else None for each in lead], pa.string()),
            "lead_campaign": pa.array([channels[each].campaign if each >= 0 else None for each in lead], pa.string()),
            "is_incremental": pa.array(placed.is_incremental[orders]),
        }
    )


def _refunds(story: Story, documents: Documents) -> pa.Table:
    refunds, dates = story.refunds, story.world.calendar
    return pa.table(
        {
            "refund_id": pa.array([documents.refund_id(refund) for refund in refunds], pa.string()),
            "has_order": pa.array([refund.order >= 0 for refund in refunds], pa.bool_()),
            "refunded_at": to_times(np.array([refund.at for refund in refunds], dtype=np.int64)),
            "refund_date": pa.array([dates.dates[dates.day_of(refund.at)] for refund in refunds], pa.date32()),
            "amount": to_decimals(np.array([refund.amount for refund in refunds], dtype=np.int64)),
        }
    )


def _events(story: Story, event_lines: EventLines) -> pa.Table:
    events, people = story.events, story.world.people
    return pa.table(
        {
            "event_id": event_lines.event_ids(np.arange(len(events))),
            "person_id": person_ids(persons_of(people, events.account)),
            "anonymous_id": event_lines.device_ids(events.device),
            "is_bot": pa.array(people.is_bot(events.account)),
        }
    )


def _email_moves(snapshots: CustomerSnapshots) -> pa.Table:
    moves = snapshots.email_moves
    return pa.table(
        {
            "email": pa.array([move.email for move in moves], pa.string()),
            "from_customer_id": pa.array([customer_number(move.from_customer) for move in moves], pa.string()),
            "to_customer_id": pa.array([customer_number(move.to_customer) for move in moves], pa.string()),
            "moved_at": to_times(np.array([move.at for move in moves], dtype=np.int64)),
        }
    )
