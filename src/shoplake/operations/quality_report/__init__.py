"""A report of a lake's quality: one HTML page without scripts, the same for the same lake."""
