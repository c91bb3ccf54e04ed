"""What a person sees: progress, tables, reports, charts and the demo. Only the command line imports this."""
