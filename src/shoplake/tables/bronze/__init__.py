"""Raw records as they arrived, with their origin."""
