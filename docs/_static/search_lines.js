/* The lines of a page that the search shows: without what is drawn or folded code, and with a space behind each cell and item. */
document.addEventListener("DOMContentLoaded", function () {
  "use strict";
  if (typeof Search === "undefined") return;
  var plain = Search.htmlToText;
  Search.htmlToText = function (html, anchor) {
    var plain_page = html.replace(/<svg\b[\s\S]*?<\/svg>|<div class="cell_input[\s\S]*?<\/pre>/g, " ");
    var apart = plain_page.replace(/<\/(?:td|th|li|dt|summary|caption|p|h\d)>/g, "$& ");
    return plain.call(Search, apart, location.protocol === "file:" ? "" : anchor); // no anchors in the texts below
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

/* Opened as a file, the browser refuses the search the pages it found. Their texts stand in a script, read when asked for. */
if (location.protocol === "file:") {
  (function () {
    "use strict";
    var texts = new Promise(function (done) {
      var script = document.createElement("script");
      script.src = document.documentElement.dataset.content_root + "_static/search_texts.js";
      script.onload = function () { done(LLO_TEXTS); };
      document.head.appendChild(script);
    });
    window.fetch = function (page) {
      var name = page.replace(document.documentElement.dataset.content_root, "").replace(/\.html$/, "");
      return texts.then(function (all) {
        return { text: function () { return all[name] ? '<div role="main">' + all[name] + "</div>" : ""; } };
      });
    };
  })();
}
