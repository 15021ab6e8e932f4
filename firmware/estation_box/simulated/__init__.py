"""The same promises with nothing attached: for tests and for `make run` on a laptop; not in the image."""
