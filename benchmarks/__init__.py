"""How fast is chainrule? One file a question, run by ``python -m benchmarks``."""
