"""The Django app of every contender: what a sender writes, and what a receiver leaves."""
