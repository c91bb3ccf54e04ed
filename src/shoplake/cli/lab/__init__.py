"""The lab: lessons in percent cells, the learner's work folder, checks and exports."""
