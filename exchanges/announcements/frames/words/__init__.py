"""The words of each language by concept. Whoever adds a language adds a table here, and nothing else."""
