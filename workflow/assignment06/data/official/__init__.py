"""Official data sets by name: each is a file of this package.

A file has `FORMS` (the groups of files, any one of which is enough), `parse(raw, names)` (arrays and class names from
those verified files, see `data.formats`), and `stand_in()` (arrays and class names made without a network).
"""
