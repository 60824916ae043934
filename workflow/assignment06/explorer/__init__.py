"""The page to explore: draw a digit, look at every mistake, read the learning curves."""
