"""The decisions of routing, pure: no I/O; time and ids are arguments.

- `case`       what routing knows of one aspiration
- `commands`   what agencies, citizens, officers and timers may ask for
- `lifecycle`  the table of transitions and the function that applies it
- `clocks`     due dates in working days
- `classify`   topic and agency of a text, with the words that decided
- `words`      Indonesian as citizens write it, evened out
- `assign`     what becomes of a new submission, and of one that an agency returned
- `opening`    a batch of new submissions becomes cases
- `hearing`    a batch of updates or replies, heard one by one
- `announce`   who hears of a step: everybody, the agencies that it concerns, the citizen
- `sentences`  what a citizen reads whose step was not possible
"""
