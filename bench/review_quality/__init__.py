"""How well rows with a wrong label are found, and what reviewing them gives back."""
