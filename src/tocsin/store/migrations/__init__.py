"""Steps from one shape of the tables to the next, one file each, run by :mod:`tocsin.store` when a store is opened."""
