"""Virtual participants with known truth, made from real heads."""
