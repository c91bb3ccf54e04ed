"""The muscle: knows Delta, files and sessions; knows no table by name."""
