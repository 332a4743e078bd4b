"""What axe-core does not look at: text inside figures, its contrast and its size on a phone; and what is cut off."""

from __future__ import annotations

from tests.monitor.browser import Page

SMALLEST = 11.0  # CSS pixels: what newspapers and statistical offices set the small print of figures in
CONTRAST = 4.5  # WCAG 2.2, 1.4.3, for text of this size
FAINT = 0.2  # opacity of a word across a drawing, which stands in its title as well
# For each text of a figure that is seen: its contrast with what is painted below its middle, and its height in pixels.
LOOK = """(() => {
  const colour = text => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 :
    ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const painted = e => {
    const style = getComputedStyle(e);
    const paint = e instanceof SVGElement && !(e instanceof SVGSVGElement) ? style.fill : style.backgroundColor;
    const found = paint === "none" || paint.startsWith("url") ? [0, 0, 0, 0] : colour(paint);
    return found[3] > 250 && Number(style.opacity) > 0.95 ? found : null;
  };
  const seen = [];
  for (const text of document.querySelectorAll("main svg text")) {
    text.scrollIntoView({block: "center", inline: "center"});
    const box = text.getBoundingClientRect();
    if (!box.width || !text.textContent.trim() || !text.checkVisibility({visibilityProperty: true})) continue;
    if (Number(getComputedStyle(text).opacity) < FAINT) continue;
    const below = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      .filter(e => !text.contains(e) && !["text", "tspan", "line", "g"].includes(e.localName));
    let ground = null;
    for (const e of below) if ((ground = painted(e))) break;
    const [a, b] = [light(colour(getComputedStyle(text).fill)), light(ground || [255, 255, 255])];
    const size = parseFloat(getComputedStyle(text).fontSize) * Math.abs(text.getScreenCTM().d || 1);
    seen.push([text.textContent.trim().slice(0, 60), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), size]);
  }
  return seen;
})()"""

# Elements of the text that end right of the window, and that no box scrolls. Where nothing is cut off there are none.
CUT_OFF = """[...document.querySelectorAll("main *, header *")].filter(e => {
  const box = e.getBoundingClientRect();
  if (box.width < 2 || box.right <= document.documentElement.clientWidth + 1) return false;
  if (e.checkVisibility && !e.checkVisibility({visibilityProperty: true})) return false;
  if (e.closest("pre") && getComputedStyle(e).whiteSpace === "pre-wrap") return false;  // wraps; its spaces hang out
  for (let up = e; up && up !== document.body; up = up.parentElement) {
    const style = getComputedStyle(up);
    if (["auto", "scroll"].includes(style.overflowX) && up.scrollWidth > up.clientWidth) return false;
    if (["fixed", "absolute"].includes(style.position) && style.clip !== "auto") return false;
  }
  return true;
}).slice(0, 3).map(e => e.outerHTML.slice(0, 160))"""


def illegible(tab: Page) -> list[str]:
    """Texts of the figures on the open page that are too faint or too small to read."""
    return [
        f"{text!r}: contrast {contrast:.1f}, {size:.1f} px"
        for text, contrast, size in tab.evaluate(LOOK.replace("FAINT", str(FAINT)))
        if contrast < CONTRAST or size < SMALLEST
    ]


def cut_off(tab: Page) -> list[str]:
    """Elements that the window of the open page cuts off, and how far it scrolls sideways."""
    sideways = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*tab.evaluate(CUT_OFF), *([f"scrolls sideways by {sideways} px"] if sideways > 0 else [])]
