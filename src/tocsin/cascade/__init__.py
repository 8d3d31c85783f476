"""Edge and centre together: what an edge sends, what it is sent, and how each knows that the other is well."""
