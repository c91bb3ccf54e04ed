"""The source code of tables: its text, its hash and its imports."""
