"""What deploys a lake elsewhere, written from its catalog and settings; a folder per place."""
