"""Where do rows come from? Checked arrays, encoded targets, splits, scaling and example sets."""
