from shoplake.simulate.retailrocket.ground_truth import STREAMS, GroundTruth


def test_the_ground_truth_has_what_it_declares_stream_by_stream(faulty):
    assert set(faulty.ground_truth) == set(GroundTruth.__annotations__)
    for name in ("files", "lines", "faults", "quarantined", "duplicates"):
        assert tuple(faulty.ground_truth[name]) == STREAMS


def test_every_line_is_accounted_for(faulty):
    for stream in STREAMS:
        assert (
            sum(faulty.ground_truth["faults"][stream].values())
            >= sum(faulty.ground_truth["quarantined"][stream].values())
            > 0
        )
    expected, added = faulty.ground_truth["lines"], faulty.ground_truth["faults"]
    assert expected["events"] == faulty.ground_truth["events"] + sum(added["events"].values())
    assert expected["category_tree"] == faulty.ground_truth["categories"]["ids"] + sum(added["category_tree"].values())
