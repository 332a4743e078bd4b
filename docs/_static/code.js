/* One button on a chapter opens or closes all its code; the browser remembers it. Without the script each cell opens by itself. */
(function () {
  "use strict";
  var told = document.currentScript.dataset;
  var cells = document.querySelectorAll(".bd-article div.cell details.hide");
  var heading = document.querySelector(".bd-article h1");
  if (!cells.length || !heading) return;
  var button = document.createElement("button");
  button.type = "button";
  button.className = "llo-all-code";
  function set(open) {
    cells.forEach(function (cell) { cell.open = open; });
    button.textContent = open ? told.hide : told.show;
    button.setAttribute("aria-pressed", String(open));
  }
  function kept(value) {
    try {
      if (value === undefined) return window.localStorage.getItem("llo-code") === "open";
      window.localStorage.setItem("llo-code", value);
    } catch (error) { return false; }
  }
  button.addEventListener("click", function () {
    var open = button.getAttribute("aria-pressed") !== "true";
    set(open);
    kept(open ? "open" : "closed");
  });
  set(kept());
  heading.insertAdjacentElement("afterend", button);
})();
