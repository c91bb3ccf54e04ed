"""The routes of the API, one router a subject."""

from shoplake.serve.api.routes import customers, docs, health, login, meta, sql, subjects, tables

ROUTERS = tuple(each.router for each in (health, login, docs, meta, customers, subjects, tables, sql))
