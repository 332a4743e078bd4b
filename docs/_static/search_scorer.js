/* What comes first in a search: pages for readers before the reference of functions, unless one was asked for by name;
   pages in the site's language before others. The weights are Sphinx's own. */
var Scorer = {
  score: function (result) {
    var page = result[0], aside = result[6] === "text" && page.indexOf("reference/api") === 0 ? 10 : 0;
    var other = typeof LLO_OTHER !== "undefined" && LLO_OTHER.pages[page] ? 3 : 0;
    return result[4] - aside - other + (page.indexOf("groups/") === 0 ? 2 : 0);
  },
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 }, objPrioDefault: 0,
  title: 15, partialTitle: 7, term: 5, partialTerm: 2
};
