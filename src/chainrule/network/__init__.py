"""What is a network? Layers, the parameter vector, forward and backward: pure functions of what they are given."""
