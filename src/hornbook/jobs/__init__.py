"""Durable work: who runs which job, what came of each item, and what is owed."""
