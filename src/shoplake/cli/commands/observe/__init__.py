"""Commands for what other programs and operators see of a lake."""
