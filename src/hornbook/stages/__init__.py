"""The journey: each stage takes values and returns values."""
