"""Views of models: trainings, scores, versions and model cards."""
