"""What admins see: the JSON contract and the screens."""
