"""The tables of a shop, one file each: bronze, silver, gold."""
