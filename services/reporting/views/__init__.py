"""What reporting's page shows, as values: pure, without stores, requests or HTML.

- `map`       the map page as a whole
- `areas`     rows of kelurahan and kecamatan
- `agencies`  rows of who works on a theme
- `classes`   the classes in which areas are coloured
- `drawing`   the city as outlines and labels; `outlines` makes the borders of neighbours fit
- `chart`     the months as SVG
"""
