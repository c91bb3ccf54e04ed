"""Files that let a scheduler run a lake every night: Dagster, Airflow, systemd, cron."""
