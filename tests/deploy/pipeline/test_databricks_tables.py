import ast

from shoplake.deploy.pipeline.databricks_tables import expectations, history
from shoplake.tables.silver.categories import categories
from shoplake.tables.silver.customers import customers


def rules_of(text):
    """The conditions of decorators by decorator and rule."""
    function = ast.parse(f"{text}def f(): pass").body[0]
    return {node.func.attr: ast.literal_eval(node.args[0]) for node in function.decorator_list}


def test_rules_that_quarantine_drop_and_rules_that_warn_count():
    rules = rules_of(expectations(categories))

    assert rules["expect_all"] == {"stands_in_the_tree": "problem IS NULL"}
    assert rules["expect_all_or_drop"]["category_id_present"] == "category_id IS NOT NULL"


def test_rules_about_changes_are_no_rules_of_versions():
    conditions = " ".join(rules_of(expectations(customers))["expect_all_or_drop"].values())

    assert "email" in conditions
    assert "updated_at" not in conditions and "operation" not in conditions


def test_a_history_is_kept_by_auto_cdc_in_order_of_time_and_sequence():
    module = ast.parse(history(customers, ""))

    [flow] = [
        node for node in ast.walk(module) if getattr(getattr(node, "func", None), "attr", "") == "create_auto_cdc_flow"
    ]
    given = {each.arg: ast.unparse(each.value) for each in flow.keywords}
    assert given["apply_as_deletes"] == "\"operation = 'delete'\""
    assert given["sequence_by"] == "flows.sequence(['updated_at', 'sequence'])"
    assert "operation" not in given["column_list"]
