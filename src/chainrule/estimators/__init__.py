"""How do I use it with scikit-learn? A classifier, a regressor and a table encoder: thin wrappers of the network."""
