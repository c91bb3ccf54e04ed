"""One file a page: answers become blocks."""
