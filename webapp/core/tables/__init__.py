"""Files as people have them: a table out of whatever was uploaded or pasted, and what its columns mean.

`opening` tells containers apart and gives pages of texts; `xlsx`, `xls`, `ods`, `markup` and `text` each read one.
`columns` finds the row of headings by meaning, `written` reads dates and times as people write them, `draft` is a table
between upload and import, with columns assigned and cells mended, and `sample` makes the file to fill in. All of them
but `sample` are plain Python, and none of them raises anything but a refusal, whatever is inside a file.
"""
