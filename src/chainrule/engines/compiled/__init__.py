"""The compiled engine: one program in machine code, driven by a table of layers. Needs the extra `fast` (numba)."""

from chainrule.engines.compiled.engine import CompiledEngine

__all__ = ["CompiledEngine"]
