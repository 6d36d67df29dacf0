"""What the services have in common: the published language (contracts), the city as data, the I/O (runtime), the look (pages)."""
