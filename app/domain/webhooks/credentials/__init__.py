"""How requests authenticate at receivers, and receivers to us."""
