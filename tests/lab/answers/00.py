"""Answers to lesson 00, whose names they see. A wrong one has a part of its hint for a docstring."""


def right_readers(landing):
    counts = dict.fromkeys(("events", "orders", "refunds", "customers"), 0)
    for stream in counts:
        for file in (landing / stream).iterdir():
            with file.open() as lines:
                counts[stream] += len(list(lines)[1 if file.suffix == ".csv" else 0 :])
    return counts | {"products": sum(pq.read_table(file).num_rows for file in (landing / "products").iterdir())}


def right_more_streams(landing):
    return solution(landing) | {"ad_costs": 0}


def wrong_files(landing):
    """one file of several"""
    return {each: len(list((landing / each).iterdir())) for each in shop.truth["lines"]}


def wrong_parsed(landing):
    """cannot be parsed, is a record too"""
    return solution(landing) | {"events": shop.table("silver.events").count()}


def wrong_split(landing):
    """behind the last line end"""
    texts = [file.read_text() for file in (landing / "events").iterdir()]
    return solution(landing) | {"events": sum(len(text.split("\n")) for text in texts)}


def wrong_list(landing):
    """Return a dictionary of counts by stream, not list"""
    return list(solution(landing).values())
