"""What is measured rather than tested; results are in docs."""
