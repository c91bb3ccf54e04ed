def test_the_help_of_the_group_says_that_nothing_else_is_changed(shoplake):
    assert "changes nothing else" in " ".join(shoplake("deploy", "--help").output.split())
