"""Churn: rows, models, calibration, metrics, reasons and decisions, on numpy; estimators by scikit-learn."""
