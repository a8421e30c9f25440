"""The words of Custos as values: frozen, validated, and known to everybody; they know nobody."""
