"""One run or many: plan, schedule, execute, record."""
