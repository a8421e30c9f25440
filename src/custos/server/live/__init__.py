"""What is told as it happens: WebSockets of events and of cameras."""
