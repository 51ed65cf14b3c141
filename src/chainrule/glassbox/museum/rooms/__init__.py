"""The rooms of the museum, those that share a program in one file."""
