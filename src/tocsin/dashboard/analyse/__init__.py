"""The page "Analyse a file": from a file that is dropped to what is wrong in it."""
