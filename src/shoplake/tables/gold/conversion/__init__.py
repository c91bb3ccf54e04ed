"""Conversion: funnels, carts and purchases."""
