"""What reporting decides, pure: which question may be asked of the cube, and what may be published of the answer.

- `aggregates`  a question to the cube, and its answer
- `choice`      what a reader of the map chose by its address
- `counts`      what was counted for the map
- `disclosure`  what may be published of small numbers
"""
