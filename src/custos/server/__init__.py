"""HTTP API, sign-in, live video and the console's files."""
