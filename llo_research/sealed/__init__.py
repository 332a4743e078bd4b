"""The folder of wheels for a computer without internet: chosen, checked, described. Standard library and pip alone."""
