"""Answers to lesson 02, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_pandas_of_counts(events):
    return events.groupBy("event_name").count().toPandas().set_index("event_name")["count"].to_dict()


def right_workers(events):
    def count(batches):
        for batch in batches:
            yield batch["event_name"].value_counts().rename_axis("name").reset_index(name="events")

    parts = events.select("event_name").mapInPandas(count, "name string, events bigint")
    return dict(parts.groupBy("name").agg(F.sum("events")).collect())


def wrong_pandas(events):
    """rows came to your program"""
    return events.select("event_name").toPandas()["event_name"].value_counts().to_dict()


def wrong_rows(events):
    """Return a dictionary of counts by name, not list"""
    return events.groupBy("event_name").count().collect()


def wrong_shown(events):
    """answer returned nothing"""
    events.groupBy("event_name").count().show()
