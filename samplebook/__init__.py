"""The sample book: a primer written for Hornbook, and the press that prints its pages.

`python -m samplebook.render` prints them again into `src/hornbook/sample/`, always the same bytes.
"""
