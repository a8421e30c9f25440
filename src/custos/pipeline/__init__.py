"""The two walks, of a frame and of an event, and the Protocols they need."""
