"""The operator's verbs: what has come to a halt, and how it goes on. The command and the admin act through these.

Each verb is about one database. It works by itself or as a part of the caller's transaction.
"""
