def test_a_project_is_written_with_the_next_steps_and_files_of_a_person_are_kept(shoplake, shared, tmp_path):
    written = shoplake("deploy", "dbt", "--out", tmp_path / "dbt", "--config", shared)
    (tmp_path / "dbt" / "README.md").write_text("Mine.")
    again = shoplake("deploy", "dbt", "--out", tmp_path / "dbt", "--config", shared)

    assert written.exit_code == 0 and "dbt build --profiles-dir ." in written.stdout
    assert (tmp_path / "dbt/models/marts/sales_by_week.sql").is_file()
    assert (again.exit_code, "README.md exists already" in again.stderr) == (1, True)
