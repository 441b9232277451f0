"""What a model is: its input, its network, its training and its predictions."""
