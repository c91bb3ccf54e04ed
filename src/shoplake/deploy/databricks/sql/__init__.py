"""SQL that tells Unity Catalog of the tables: comments, keys, tags, masks, views and metric views."""
