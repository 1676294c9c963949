"""Speed and quality, measured: each module is one command and prints a table."""
