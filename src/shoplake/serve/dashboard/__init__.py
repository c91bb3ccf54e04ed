"""Pages for people: the answers as HTML with charts, links and forms, without scripts."""
