from shoplake.simulate.retailrocket.ground_truth import STREAMS, Truth


def test_the_truth_has_what_it_declares_stream_by_stream(dirty):
    assert set(dirty.truth) == set(Truth.__annotations__)
    for name in ("files", "lines", "dirt", "quarantined", "duplicates"):
        assert tuple(dirty.truth[name]) == STREAMS


def test_every_line_is_accounted_for(dirty):
    for stream in STREAMS:
        assert sum(dirty.truth["dirt"][stream].values()) >= sum(dirty.truth["quarantined"][stream].values()) > 0
    told, added = dirty.truth["lines"], dirty.truth["dirt"]
    assert told["events"] == dirty.truth["events"] + sum(added["events"].values())
    assert told["category_tree"] == dirty.truth["categories"]["ids"] + sum(added["category_tree"].values())
