"""The operator's command line. It may import everything; nothing imports it."""
