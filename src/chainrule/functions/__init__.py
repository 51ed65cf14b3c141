"""Which functions, and their derivatives? Arrays in, arrays out; nothing here knows a network."""
