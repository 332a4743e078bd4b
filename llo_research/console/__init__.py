"""What the command ``llo`` says: its options, its help, and its progress."""
