"""What a network's answer rested on, drawn back onto the brain."""
