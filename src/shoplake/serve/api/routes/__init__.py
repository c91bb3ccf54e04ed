"""The routes of the API, one router a subject."""

from shoplake.serve.api.routes import health

ROUTERS = (health.router,)
