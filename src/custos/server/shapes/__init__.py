"""What goes over the wire, as Pydantic models: the public shapes of the API, apart from the model's own."""
