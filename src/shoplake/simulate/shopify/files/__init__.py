"""The files of a simulated Shopify shop, some of them faulty."""
