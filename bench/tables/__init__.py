"""How well the networks do on public tables, beside what people use for tables."""
