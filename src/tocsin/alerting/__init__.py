"""When to ring: from limits crossed to incidents that a person is told of."""
