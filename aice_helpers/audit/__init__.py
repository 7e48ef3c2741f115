"""What arithmetic alone says of the numbers of an abstract as they are printed: pure functions, no patients."""
