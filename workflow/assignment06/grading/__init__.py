"""Grade submissions of the assignment, whoever made them, and verify this workflow's own zip before it exists.

`grade.grade_all` grades zips and folders, `verify.verify` is the workflow's last step before the zip, and
`python -m assignment06.grading` is the command. Models are opened only in another process (`probe`, `model_probe`).
"""
