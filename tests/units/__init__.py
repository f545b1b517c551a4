"""The network over HTTP, in real server processes."""
