"""Clean, typed, deduplicated, with history; quarantine beside it."""
