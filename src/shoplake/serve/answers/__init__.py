"""Questions with typed parameters, answered from one generation. Routes, pages and tools show the same answers."""
