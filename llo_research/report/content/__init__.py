"""What tables, figures and sentences say of a result: numbers, units, labels and notes, before any of them is drawn."""
