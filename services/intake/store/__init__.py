"""Intake's tables: the only SQL of this service, each module with its `.sql` beside it.

- `counter`    aspirations, by the idempotency key under which they came in
- `keys`       API keys of channels
- `following`  facts, answers, replies, and how often a PIN was tried
"""
