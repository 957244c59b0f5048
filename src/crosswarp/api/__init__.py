"""The Python API: what `crosswarp` exports, one file for a few names.

Every function takes arguments of Python, calls the library that the commands call, and
returns tables and arrays. Users import the names from `crosswarp`, not from here.
"""
