def test_without_a_server_both_commands_answer_so(shoplake, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert shoplake("spark", "status").stdout.startswith("Not running.")
    assert shoplake("spark", "stop").stdout == "Not running.\n"
