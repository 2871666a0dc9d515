"""Hostile input: mutated files and settings, each of which must end in an answer or in one sentence.

`cases` makes a folder out of an id, `mutations` spoils what is in it, `checking` runs the kit on it and says what
is a fault, `supervising` runs many in processes of their own with limits of time and memory.
"""
