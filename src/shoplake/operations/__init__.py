"""What is done to a lake besides runs: verification and maintenance."""
