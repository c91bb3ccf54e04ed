from shoplake.deploy.databricks.checks.reference_checks import Declared, check_references, texts, unknown_parameters


def test_what_a_file_declares_another_may_name():
    files = {"a.yml": {"variables": {"x": {}}}, "b.yml": {"resources": {"jobs": {"daily": {}}}}}
    document = {"name": "${var.x} ${resources.jobs.daily.id} ${bundle.name} ${workspace.file_path}"}

    assert list(check_references("c.yml", document, Declared.of(files))) == []


def test_a_variable_of_a_target_alone_is_not_declared():
    declared = Declared.of({"a.yml": {"targets": {"dev": {"variables": {"x": "1"}}}}})

    [mistake] = check_references("a.yml", {"name": "${var.x}"}, declared)
    assert mistake.message == "${var.x} is no variable of the bundle. There are none."


def test_each_text_has_its_place():
    assert dict(texts({"a": [{"b": "x"}, "y"], "c": 1})) == {"a.0.b": "x", "a.1": "y"}


def test_a_parameter_that_the_job_has_is_known():
    job = {"parameters": [{"name": "rows"}], "tasks": ["{{job.parameters.rows}} {{job.id}}"]}

    assert list(unknown_parameters(job)) == []
