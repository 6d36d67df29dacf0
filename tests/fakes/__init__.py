"""Small programs that stand in for ours where a test is about who starts and stops them."""
