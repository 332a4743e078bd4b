/* The index of what was published: shows the lines that hold every word that is typed. Without a script all are shown. */
(function () {
  "use strict";
  var list = document.querySelector(".llo-index"), box = document.querySelector(".llo-find");
  if (!list || !box) { return; }
  var lines = Array.prototype.slice.call(list.children), told = list.getAttribute("data-count");
  var texts = lines.map(function (line) { return line.textContent.toLowerCase(); });
  var input = box.querySelector("input"), count = box.querySelector("output");
  input.addEventListener("input", function () {
    var words = input.value.toLowerCase().split(/\s+/), shown = 0;
    lines.forEach(function (line, i) {
      line.hidden = !words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      shown += line.hidden ? 0 : 1;
    });
    count.textContent = told.replace("{series}", shown);
  });
  box.hidden = false;
})();
