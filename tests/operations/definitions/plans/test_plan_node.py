from pyspark.sql import functions as F
from sample_tables import daily

from shoplake.operations.definitions.plans.plan_hash import empty_inputs
from shoplake.operations.definitions.plans.plan_node import PlanNode


def test_a_node_has_the_messages_below_it_and_names_the_input_that_it_stands_for(spark):
    rows = empty_inputs(spark, [daily])[daily.name].where(F.col("feed") == "shop")
    root = PlanNode(rows._plan.to_proto(rows.sparkSession.client).root)

    (chosen,) = [each for each in root.below if each.kind == "Filter"]
    inputs = [each.input_name for each in chosen.below if each.kind == "Relation"]
    assert (root.kind, root.input_name, inputs) == ("Relation", None, ["daily"])
    assert root.field("nothing") is None
