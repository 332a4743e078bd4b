"""Results: estimates and what is inferred of them, contrasts, joint results, files, and what may be shown."""
