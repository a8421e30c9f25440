"""Boxes, polygons and lines: arrays in, arrays out. Knows nobody."""
