"""`run --watch`: repeats runs until a signal, and starts its process again before it has grown too much."""
