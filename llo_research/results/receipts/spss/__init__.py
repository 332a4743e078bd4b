"""Scripts in SPSS, with the module Complex Samples."""
