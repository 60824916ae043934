"""Speed: what is measured, and how to read it, is in docs/speed.md."""
