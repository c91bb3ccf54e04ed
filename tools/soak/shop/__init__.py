"""Lives of a lake of shoplake's own tables, compared with a fresh lake of the same records."""
