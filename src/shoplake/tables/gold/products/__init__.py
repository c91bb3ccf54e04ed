"""Products: bought and viewed together, returned, repriced, out of stock."""
