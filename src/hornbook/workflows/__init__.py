"""Load, stage, save: one module for each leg of the journey."""
