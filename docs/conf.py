"""How the site is built: llo_research.monitor.site lays the sources together and calls Sphinx; nothing is executed."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "_extensions"))

import llo_research

project = "llo_research"
author = "The llo_research project"
copyright = "the llo_research project. MIT licence"
version = release = llo_research.__version__
language = "en"  # the builder says which, and which others there are: -D language=nl -D llo_languages=nl,en

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.doctest",
    "named_toggles",
    "literature",
    "mathml",
    "two_languages",
    "other_titles",
    "search_words",
    "signatures",
    "plain_code",
    "one_minus",
]
locale_dirs = ["locale"]
exclude_patterns = ["_generated", "_extensions", "locale", "nl", "**/nl", "**/_*.md"]
suppress_warnings = ["myst.header"]
nitpicky = False

# Notebooks are shown as they were executed; the site never runs one.
nb_execution_mode = "off"
nb_merge_streams = True
nb_render_markdown_format = "myst"
nb_ipywidgets_js = {}
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "amsmath", "attrs_inline", "attrs_block"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False
napoleon_use_ivar = True
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

# Nothing on any page comes from another server: mathematics is MathML, fonts and icons lie in the site.
html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_baseurl = ""  # the builder gives the address of these pages, if they will have one: llo monitor --address
html_static_path = ["_static"]
templates_path = ["_templates"]
html_search_scorer = str(Path(__file__).with_name("_static") / "search_scorer.js")
html_css_files = ["site.css", "figures.css"]
html_js_files = [("copy.js", {"defer": "defer"})]
html_favicon = "_static/mark.svg"
html_show_sourcelink = False
html_copy_source = False
html_last_updated_fmt = None
html_show_sphinx = False
pygments_style = "friendly"
# Pages that stand alone have no list of their neighbours.
_ALONE = ("index", "figures", "tables", "published", "known_faults", "is_het_echt_gestegen")
html_sidebars = {**{page: [] for page in _ALONE}, "**": ["sidebar-nav-bs"]}
html_theme_options = {
    "logo": {
        "text": "llo_research",
        "image_light": "_static/mark.svg",
        "image_dark": "_static/mark.svg",
        "alt_text": "",
    },
    "navbar_align": "left",
    "navbar_persistent": ["languages", "search-button"],
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "show_nav_level": 1,
    "show_toc_level": 2,
    "show_prev_next": True,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "footer_start": ["disclaimer"],
    "footer_end": ["licence"],
    "back_to_top_button": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}
