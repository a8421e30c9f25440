"""How well Custos does, measured against truth that it did not make."""
