"""Arrays in, arrays or small frozen dataclasses out; numpy and scipy only."""
