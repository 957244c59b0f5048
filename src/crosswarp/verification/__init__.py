"""Whether outputs are whole, unchanged, and made from each other."""
