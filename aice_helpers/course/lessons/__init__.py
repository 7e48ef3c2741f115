"""The lessons: a package each, with arithmetic, pictures, an interactive figure, and exercises."""
