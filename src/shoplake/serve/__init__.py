"""The answers for people and programs without an engine: store, API, dashboard, exports, tools."""
