/* The lines of a page that the search shows: without what is drawn or folded code, and with a space behind each cell and item. */
document.addEventListener("DOMContentLoaded", function () {
  "use strict";
  if (typeof Search === "undefined") return;
  var plain = Search.htmlToText;
  Search.htmlToText = function (html, anchor) {
    var plain_page = html.replace(/<svg\b[\s\S]*?<\/svg>|<div class="cell_input[\s\S]*?<\/pre>/g, " ");
    var apart = plain_page.replace(/<\/(?:td|th|li|dt|summary|caption|p|h\d)>/g, "$& ");
    return plain.call(Search, apart, anchor);
  };
});

/* Pages that are written in another language say so among what was found. */
document.addEventListener("DOMContentLoaded", function () {
  "use strict";
  var found = document.getElementById("search-results");
  if (typeof LLO_OTHER === "undefined" || !found) return;
  new MutationObserver(function () {
    found.querySelectorAll("li:not([lang]) > a").forEach(function (link) {
      var language = LLO_OTHER.pages[link.getAttribute("href").replace(/\.html(#.*)?$/, "")];
      link.parentElement.lang = language || document.documentElement.lang;
      if (!language) return;
      var said = document.createElement("span");
      said.lang = document.documentElement.lang;
      said.textContent = " (" + LLO_OTHER.names[language] + ")";
      link.insertAdjacentElement("afterend", said);
    });
  }).observe(found, { childList: true, subtree: true });
});
