"""The artifact: everything that scoring needs, in one file, without pickle and without the libraries of training."""
