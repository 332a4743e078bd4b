/* The lines of a page that the search shows: of its text alone, without what is drawn, the way to it or folded code, and with a
   space behind each cell and item. A page that was found by a word that is not in its text shows how it begins. */
document.addEventListener("DOMContentLoaded", function () {
  "use strict";
  if (typeof Search === "undefined") return;
  var plain = Search.htmlToText, summary = Search.makeSearchSummary, length = 240;
  Search.htmlToText = function (html, anchor) {
    var article = /<article\b[\s\S]*<\/article>/.exec(html); // the way to it stands outside
    var text = (article ? '<div role="main">' + article[0] + "</div>" : html)
      .replace(/<svg\b[\s\S]*?<\/svg>|<div class="cell_input[\s\S]*?<\/pre>/g, " ")
      .replace(/<\/(?:td|th|li|dt|summary|caption|p|h\d)>/g, "$& ");
    return plain.call(Search, text, location.protocol === "file:" ? "" : anchor); // no anchors in the texts below
  };
  Search.makeSearchSummary = function (html, words, anchor) {
    var text = Search.htmlToText(html, anchor).trim(), found = summary.call(Search, html, words, anchor);
    var inside = Array.from(words).some(function (word) { return text.toLowerCase().indexOf(word.toLowerCase()) >= 0; });
    if (found && !inside) found.textContent = text.slice(0, length).trim() + (text.length > length ? "..." : "");
    return found;
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
    var root = document.documentElement.dataset.content_root;
    var texts = new Promise(function (done) {
      var script = document.createElement("script");
      script.src = root + "_static/search_texts.js";
      script.onload = function () { done(LLO_TEXTS); };
      document.head.appendChild(script);
    });
    window.fetch = function (page) {
      var name = page.replace(root, "").replace(/\.html$/, "");
      return texts.then(function (all) {
        return { text: function () { return all[name] ? '<div role="main">' + all[name] + "</div>" : ""; } };
      });
    };
  })();
}
