"""Notify: tells citizens what became of their voice; which message, by which channel, never twice.

- *owns*      one notice per fact that the city tells of, and how it ended; how each citizen can be reached
- *consumes*  aspirations.lifecycle, citizens.contacts, aspirations.answers
- *publishes* notifications.outcomes: sent, failed, unknown or suppressed, exactly one for each notice
- *never*     sends a second time what may have been sent, writes an address or a message into a log or a topic,
              or puts a citizen's own words into a message

How a notice goes: `consumer` stores the halves as they come -> `settle` decides what has become complete -> `sender`
claims, commits, sends by one of the `carriers`, records. Every decision is a pure function in `domain`.
"""
