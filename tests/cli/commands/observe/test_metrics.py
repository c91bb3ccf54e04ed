def test_metrics_are_printed_or_replace_a_file(shoplake, lake, tmp_path):
    printed = shoplake("metrics", "--config", lake)
    written = shoplake("metrics", "-o", tmp_path / "lake.prom", "--config", lake)

    lines = {line.split(" ")[0] for line in printed.stdout.splitlines()}
    assert 'shoplake_table_rows{table="silver.events"}' in lines and "shoplake_last_success_timestamp_seconds" in lines
    assert written.stdout == "" and "shoplake_table_rows" in (tmp_path / "lake.prom").read_text()


def test_a_run_writes_metrics_and_a_port_needs_a_watch(shoplake, filled, tmp_path):
    done = shoplake("run", "--metrics", tmp_path / "lake.prom", "--config", filled)
    wrong = shoplake("run", "--metrics-port", 0, "--config", filled)

    assert done.exit_code == 0 and "shoplake_files" in (tmp_path / "lake.prom").read_text()
    assert wrong.exit_code == 2 and "--metrics-port needs --watch" in wrong.stderr
