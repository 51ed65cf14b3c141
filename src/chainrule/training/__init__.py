"""How does it learn? The loop, its state, history, callbacks and metrics."""
