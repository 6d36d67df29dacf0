"""A town that lives around a stack, for `serap demo` and the fault tests: everybody here stands outside the services.

They speak what real ones speak: HTTP with API keys, HTML forms, plain aiokafka. Whatever fails is tried again with the
same key, as the docs tell developers; so nothing may be lost or counted twice, and the auditor looks whether that holds.

- `voices`    what citizens say, by seed
- `conduct`   what agencies and citizens do next: pure
- `channels`  frontends that hand in: one by one, in batches, over Kafka
- `agencies`  consume their assignments and answer
- `citizens`  follow on the tracking page; answer, confirm, dispute
- `journal`   what was handed in, and what intake answered
- `ledger`    what the public topics say of each aspiration: pure
- `auditor`   reads those topics, and the aggregates
- `verdict`   compares journal, ledger and aggregates: lost, doubled: pure
- `town`      joins them around one stack
- `show`      what the terminal shows
"""
