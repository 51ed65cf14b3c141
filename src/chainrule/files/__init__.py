"""How is it kept and shipped? Arrays and JSON to files and back; a file holds data, never code."""
