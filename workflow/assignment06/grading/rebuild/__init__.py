"""Rebuild a stranger's net from what its configuration says, without handing that configuration to any library.

`containers` opens the file, `reading` makes a `Net` of plain values of its configuration by the closed lists in
`layers` and `values`, `building` calls the layers' constructors, and `weights` fills in the arrays.
"""
