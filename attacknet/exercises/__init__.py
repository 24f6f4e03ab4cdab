"""What the exercises of the book are about, part by part: sets with planted faults, and checks of answers."""
