from shoplake.feeds import KINDS
from shoplake.reference.diagrams import draw_erd, draw_lineage


def test_the_lineage_draws_every_input(catalog):
    diagram = draw_lineage(catalog, KINDS)

    assert all(f"    {source} --> {table.name}\n" in diagram for table in catalog.values() for source in table.inputs)


def test_the_erd_joins_tables_by_the_ids_of_silver(catalog):
    diagram = draw_erd(catalog)

    assert "customers |o--o{ order_lines : customer_id" in diagram
    assert "customers |o--o| customer_segments : customer_id" in diagram
    assert "order_lines }o--o{ payments : order_id" in diagram


def test_the_trackers_session_id_does_not_join_the_sessions_table(catalog):
    assert "sessions |o" not in draw_erd(catalog)
