"""The published language on paper: what `serap docs` writes into `docs/`, from the code that speaks it.

- `schemas`   the JSON Schema of every event's data
- `asyncapi`  the topics, who writes and who reads them
- `openapi`   the HTTP interface of each service
- `breaking`  whether a schema may take the place of the one that was published
- `papers`    all of it as files: compare, write
"""
