"""Clean, typed and deduplicated records with history; invalid ones are in quarantine tables."""
