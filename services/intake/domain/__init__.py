"""What intake decides, as pure functions: no I/O, no clock; randomness comes in as bytes.

- `refusal`     why something is not taken, in both languages
- `reading`     bytes -> submission, or the field that is at fault
- `aspiration`  submission -> aspiration of this city, and the events that tell of it
- `case`        an aspiration as its citizen follows it
- `pin`         what opens its text: the PIN, or the key of a page that was opened with it
- `reply`       what the citizen says afterwards, and the event that tells routing
"""
