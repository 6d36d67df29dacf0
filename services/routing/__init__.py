"""Routing: gives every aspiration an agency and owns its life and its clocks.

- *owns*      the case of every aspiration: status, `ver`, agency, topic, due dates; the triage queue
- *consumes*  aspirations.submitted, citizens.replies, agency.<code>.updates
- *publishes* aspirations.lifecycle, agency.<code>.assignments, aspirations.answers
- *never*     sees a contact, or lets anyone else decide what comes next: others send commands, the table decides
"""
