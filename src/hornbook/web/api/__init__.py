"""The JSON contract, one module for each resource."""
