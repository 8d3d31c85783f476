"""How fast tocsin is, beside Keras running the same network in the same run."""
