"""Motion, tracking and behaviours: what pictures mean. Arrays and values in, values out."""
