"""Grade submissions of the assignment, whoever made them, and verify this workflow's own zip before it exists.

`grade.grade_all` grades zips and folders, `verify.verify` is what the workflow asks of its own zip, and
`python -m assignment06.grading` is the command. Models are opened only in another process (`sandbox`).
"""
