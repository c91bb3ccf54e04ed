"""Views of `plan` and `apply`: the changes of definitions."""
