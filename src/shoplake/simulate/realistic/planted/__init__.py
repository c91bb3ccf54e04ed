"""What is planted into the shop on purpose, with labels in the ground truth."""
