"""Chapters: find, execute, cache, stamp and render the notebooks of the book.

source      the text notebook, its parameters and its pair
recorder    inside the kernel: which files the chapter reached
worker      one process that executes one chapter
store       executed chapters on disk, and whether they are still true
execution   executes what is stale, up to two chapters at once
staging     the book's source tree: executed chapters with captions, stamps and re-run boxes
rendering   jupyter-book over the staged tree
results     what the chapters show, as JSON beside the site
citation    how to cite the book; heads puts it into each page's head
offline     the rendered site as one zip
links       the site's links to other hosts
"""
