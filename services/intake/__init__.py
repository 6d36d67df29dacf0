"""Intake: the counter at which channels and citizens hand in, follow and reply.

- *owns*      every accepted aspiration with the citizen's side of its text, idempotency keys, API keys of channels, PINs
- *consumes*  channel.<name>.submissions; aspirations.lifecycle and aspirations.answers for the tracking page
- *publishes* aspirations.submitted, citizens.contacts, citizens.replies, channel.<name>.receipts
- *never*     decides who takes care of an aspiration, and never lets a contact travel with the text
"""
