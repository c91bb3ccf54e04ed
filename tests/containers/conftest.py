from deploy.conftest import checker

__all__ = ["checker"]
