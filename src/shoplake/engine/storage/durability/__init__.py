"""What is on the disk for certain: syncs, the record of durable heads, damage and what to make of it."""
