"""What notify decides, pure: no I/O, no clock, no ids made here.

- `notice`   what becomes of the notices of one aspiration when something new is known of it
- `message`  the words of one notice
- `attempt`  how one attempt to send went, and when to try again
"""
