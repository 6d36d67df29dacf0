"""What intake's pages show, as values: pure, without stores, requests or HTML.

- `submit`    the form in four steps: what was typed, what is wrong, what comes next
- `receipt`   code, PIN and dates after handing in
- `tracking`  where an aspiration stands, for the code alone or with the PIN
- `timeline`  what happened, newest first
- `reply`     what a citizen sends from the tracking page
"""
