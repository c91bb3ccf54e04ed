"""shoplake: the lakehouse for online shops."""
