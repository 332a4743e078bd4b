/* The lines of a page that the search shows: without what is drawn, and with a space behind each cell and item. */
document.addEventListener("DOMContentLoaded", function () {
  "use strict";
  if (typeof Search === "undefined") return;
  var plain = Search.htmlToText;
  Search.htmlToText = function (html, anchor) {
    var apart = html.replace(/<svg\b[\s\S]*?<\/svg>/g, " ").replace(/<\/(?:td|th|li|dt|summary|caption|p|h\d)>/g, "$& ");
    return plain.call(Search, apart, anchor);
  };
});
