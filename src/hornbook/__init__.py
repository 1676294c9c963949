"""Hornbook turns the page images of a textbook into teaching guidelines, durably."""
