"""The published language of Serap: pure, no I/O. Whoever speaks to Serap over Kafka or HTTP speaks in these words.

- `vocabulary`  the closed lists of words (status, fact, role, ...)
- `submission`  what a channel hands in
- `events`      the data of every event
- `envelope`    how an event lies in a Kafka record (CloudEvents 1.0, binary mode)
- `topics`      every topic: owner, readers, partitions, retention, personal-data class
- `ids`         event ids, tracking codes, PINs
- `masking`     hides direct identifiers in a citizen's text
"""
