"""The way a reading takes: prepare, ring, graph, threshold, policy; the same for files and streams."""
