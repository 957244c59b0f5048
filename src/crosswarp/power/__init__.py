"""How many participants a comparison needs."""
