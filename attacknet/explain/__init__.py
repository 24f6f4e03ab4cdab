"""Attention maps, and the checks that tell a map of a network's reasons from a picture of a face."""
