"""Evaluation of churn models: metrics, promotion, decisions and report."""
