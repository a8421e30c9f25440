"""Custos: the cameras, doors, tills and sensors of a site as one system that watches, understands and responds."""

__version__ = "0.1.0"
