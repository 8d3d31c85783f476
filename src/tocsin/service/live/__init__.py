"""What watches tell as it happens, for all who look on."""
