"""The citizen's pages: a request in, a page out. What a page shows is made in `views`.

- `routes`     which address is which page
- `form`       `/`: handing in
- `following`  `/t`: where an aspiration stands; words and replies with the PIN
- `posted`     reads what a form sends
- `limits`     how often one may try
"""
