"""Reference pages, written from the declarations of tables, kinds and formats."""
