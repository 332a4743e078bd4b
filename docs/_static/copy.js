/* A button that copies the citation before it. Without a script there is none: the text can be selected. */
(function () {
  "use strict";
  function selected(text) { // where the browser has no clipboard for this page
    var range = document.createRange(), picked = window.getSelection();
    range.selectNodeContents(text);
    picked.removeAllRanges();
    picked.addRange(range);
    return document.execCommand("copy") ? Promise.resolve() : Promise.reject(new Error("not copied"));
  }
  document.querySelectorAll(".llo-copy").forEach(function (holder) {
    var text = holder.previousElementSibling, button = holder.querySelector("button"), told = holder.querySelector("[role=status]");
    button.addEventListener("click", function () {
      var copied = navigator.clipboard ? navigator.clipboard.writeText(text.textContent).catch(function () { return selected(text); }) : selected(text);
      copied.then(function () { told.textContent = holder.dataset.done; }, function () { told.textContent = holder.dataset.failed; });
    });
    holder.hidden = false;
  });
})();
