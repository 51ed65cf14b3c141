"""How do I use it with scikit-learn? A classifier, a regressor and a table encoder: thin wrappers of the network."""

from chainrule.errors import require

require("sklearn.callback", "sklearn")  # whoever lacks scikit-learn, or has one that is too old, reads one line
