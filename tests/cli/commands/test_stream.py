def test_on_sail_it_ends_with_one_line_that_says_what_to_do_instead(shoplake, shared):
    said = shoplake("stream", "--config", shared)
    assert said.exit_code == 1
    assert said.stderr.startswith("Error: The engine 'sail' has no Structured Streaming. Keep up with: shoplake run --")
    assert said.stderr.count("\n") == 1


def test_a_time_between_batches_is_a_duration(shoplake):
    said = shoplake("stream", "--interval", "soon")
    assert said.exit_code == 2
    assert "'soon' is no duration. Write one such as 10s" in said.stderr
