"""Results: estimates and what is inferred of them, contrasts, joint results, intervals, files, and what may be shown."""
