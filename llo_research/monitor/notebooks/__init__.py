"""The notebooks behind the chapters: run, normalised, stamped and saved."""
