"""Commands that write what deploys a lake, a file per place."""
