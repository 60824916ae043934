"""A process of its own for each submission, behind walls of the operating system.

`workers` asks (in the process that grades), `zygote` forks, `child` works, `walls` puts up `namespaces`, `landlock`,
`seccomp` and limits, and tries each of them. What comes back is JSON of limited size.
"""
