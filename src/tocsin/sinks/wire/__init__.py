"""How things are published over MQTT, for sinks and for whoever else does."""
