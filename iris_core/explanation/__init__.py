"""Why a model decides as it does: what each column of the table is worth to it."""
