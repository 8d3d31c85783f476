"""Guards: what stands between the network and the routes, each one small and of one kind."""
