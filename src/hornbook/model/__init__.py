"""The nouns of Hornbook: frozen values, standard library only."""
