"""What we keep: rows, objects, and the projection of the one into the other.

Functions here receive a session and never commit; only the runner and the workflows open
transactions.
"""
