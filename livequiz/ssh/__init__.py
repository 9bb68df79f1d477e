"""The screens of students and instructors who come by SSH, in worker processes of `serve --ssh`.

`server.host.ssh_front` accepts their connections and hands them to the workers, each of which draws
the screens of many people.
"""
