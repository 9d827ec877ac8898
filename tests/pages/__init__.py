"""The commands that the pages for people show, read and held against what there is."""
