"""Tables: text, HTML, LaTeX, Excel sheets and workbooks."""
