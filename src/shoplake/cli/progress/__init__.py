"""Progress of runs, of watching and of streaming, printed while the work goes on."""
