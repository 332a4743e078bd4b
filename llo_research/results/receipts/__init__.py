"""How a number was made, and the scripts of other programs that give it too: text from a result's ``meta`` alone."""
