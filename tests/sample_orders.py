"""Rows of orders, their events, lookups and sessions, on days of March 2026."""

from datetime import date

FEED = {"feed": "shop"}


def at(day, hour=12):
    return f"2026-03-{day:02} {hour:02}:00"


def line(order, day=1, customer="ann", product="lamp", kind="sale", currency="GBP", status="paid", number=1):
    sign = -1 if kind == "return" else 1
    row = FEED | {"order_id": order, "document_id": f"{order}-{kind}", "line_number": number, "kind": kind}
    row |= {"line_class": "discount" if kind == "adjustment" else "goods", "customer_id": customer, "status": status}
    row |= {"ordered_at": at(day), "order_date": at(day)[:10], "product_id": product, "currency": currency}
    return row | {
        "quantity": sign,
        "unit_price": "10.00",
        "amount": "-1.00" if kind == "adjustment" else f"{sign * 10}.00",
    }


def event(order, day=1, id="e1", session="s1"):
    row = FEED | {"event_id": id, "order_id": order, "event_at": at(day), "event_date": at(day)[:10], "quantity": 1}
    return row | {"session_id": session, "channel": "email", "product_id": "lamp", "unit_price": "9.00"}


def version(product, day, until=None, cost="4.00"):
    ends = {} if until is None else {"valid_to": at(until, 0)}
    return FEED | {"product_id": product, "valid_from": at(day, 0), "category": "Home", "cost": cost} | ends


def rate(day, until=None, worth="0.5"):
    ends = {} if until is None else {"last_date": at(until)[:10]}
    return FEED | {"currency": "EUR", "first_date": at(day)[:10], "rate": worth} | ends


def touch(session, day, person="ann", channel="email"):
    row = FEED | {"session_id": session, "person_id": person, "touched_at": at(day, 8), "session_date": at(day)[:10]}
    return row | {"channel": channel, "is_touch": True}


def value(order, day=1, customer="ann", net="10.00", currency="GBP"):
    row = FEED | {"order_id": order, "document_id": order, "line_number": 1, "kind": "sale", "is_cancelled": False}
    row |= {"order_date": at(day)[:10], "ordered_at": at(day), "currency": currency, "customer_id": customer}
    row |= {"gross": net, "discount": "0", "net": net, "returned_net": "0", "category": "Home", "channel": "email"}
    return row | {"quantity": 1, "sales_dates": [date(2026, 3, day)], "returns": []}


def weight(day, until, effect=0.5):
    days = {"fit_month": "2026-03-01", "first_date": at(day)[:10], "last_date": at(until)[:10]}
    return FEED | days | {"channel": "email", "removal_effect": effect}
