/* Moves the figure of "Is het echt gestegen?". All sizes are whole tenths, as in llo_research/monitor/site/risen.py. */
(function () {
  "use strict";

  function net(figure, size) {
    var left = figure.change - size;
    return { at: left, low: left - figure.margin, high: left + figure.margin };
  }

  function verdict(figure, size) {
    var left = net(figure, size);
    var words = figure.sampled ? ["rose", "fell"] : ["higher", "lower"]; // rounding alone tells what was printed
    return left.low > 0 ? words[0] : left.high < 0 ? words[1] : "unknown";
  }

  function said(tenths, decimal, sign) {
    var whole = Math.floor(Math.abs(tenths) / 10) + decimal + (Math.abs(tenths) % 10);
    return (tenths < 0 ? "\u2212" : sign && tenths > 0 ? "+" : "") + whole;
  }

  function filled(template, values) {
    return template.replace(/\{(\w+)\}/g, function (whole, name) { return values[name]; });
  }

  function sentence(data, figure, size) {
    var left = net(figure, size);
    var form = (figure.sampled ? "sampled" : "rounded") + (size === 0 ? "_none" : "");
    return filled(data.words[form], {
      label: figure.label,
      years: figure.years,
      size: said(size, data.decimal),
      net: said(left.at, data.decimal, true),
      low: said(left.low, data.decimal, true),
      high: said(left.high, data.decimal, true)
    });
  }

  var arithmetic = { net: net, verdict: verdict, said: said, sentence: sentence };
  if (typeof module !== "undefined" && module.exports) { module.exports = arithmetic; return; }

  var holder = document.getElementById("risen-data");
  if (!holder || holder.dataset.read) { return; } // another page, or this script is there twice
  holder.dataset.read = "yes";
  var data = JSON.parse(holder.textContent);
  var group = document.getElementById("risen-group");
  var slide = document.getElementById("risen-break");
  var told = document.getElementById("risen-verdict");
  var link = document.getElementById("risen-link");

  function percent(tenths) {
    return (100 * (tenths - data.axis[0]) / (data.axis[1] - data.axis[0])).toFixed(3) + "%";
  }

  function draw(name, left, label) {
    var row = document.querySelector('.llo-risen [data-row="' + name + '"]');
    row.style.display = left ? "" : "none";
    if (!left) { return; }
    row.querySelector("text").textContent = label;
    row.querySelector("line").setAttribute("x1", percent(left.low));
    row.querySelector("line").setAttribute("x2", percent(left.high));
    row.querySelector("circle").setAttribute("cx", percent(left.at));
  }

  function show() {
    var figure = data.figures[group.value];
    var size = Math.round(10 * Number(slide.value));
    var left = net(figure, size);
    var word = verdict(figure, size);
    var told_size = filled(data.words.size, { size: said(size, data.decimal) });
    document.getElementById("risen-size").textContent = told_size;
    slide.setAttribute("aria-valuetext", told_size);
    told.dataset.verdict = word;
    told.querySelector("strong").textContent = data.words[word] + ".";
    told.querySelector("span").textContent = sentence(data, figure, size);
    draw("published", net(figure, 0), data.words.published + ": " + said(figure.change, data.decimal, true));
    draw("net", left, filled(data.words[size === 0 ? "net_none" : "net"], {
      size: said(size, data.decimal), net: said(left.at, data.decimal, true)
    }));
    draw("employers", figure.beside, figure.beside && figure.beside.label);
    link.href = "#break=" + size / 10 + "&group=" + group.value;
  }

  function read() {
    var asked = new URLSearchParams(location.hash.slice(1));
    if (data.figures[asked.get("group")]) { group.value = asked.get("group"); }
    var size = (asked.get("break") || "").replace(",", ".");
    if (size && isFinite(Number(size))) { slide.value = size; }
    show();
    if (asked.has("break") || asked.has("group")) { settle(); }
  }

  function keep() {
    show();
    settle();
  }

  /* the address says what is shown, whatever was asked for */
  function settle() {
    history.replaceState(null, "", link.hash);
    carry();
  }

  /* the same page in the other language opens at the same setting */
  function carry() {
    document.querySelectorAll("a[hreflang]").forEach(function (other) { other.hash = link.hash; });
  }

  document.querySelector(".llo-risen-controls").hidden = false;
  document.querySelector(".llo-risen-link").hidden = false;
  group.addEventListener("change", keep);
  slide.addEventListener("input", keep);
  addEventListener("hashchange", read);
  read();
})();
