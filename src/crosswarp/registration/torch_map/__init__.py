"""Registration in PyTorch: the most probable displacement, given what is smooth."""
