"""Workflows of GitHub Actions that test a shop's project and deploy it."""
