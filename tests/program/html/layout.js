// Faults in the layout of the page, one line each: text or controls that overlap, or that are cut off and cannot be reached. Checks
// what is painted, independent of the document tree; the page is scrolled to its top.
(() => {
  scrollTo(0, 0);
  // Boxes that overlap no more than this are neighbours: lines are often slightly higher than their distance.
  const SLACK = 4;
  const faults = [];
  const described = (box) => {
    const text = (box.node.textContent || box.node.value || "").trim().replace(/\s+/g, " ").slice(0, 40);
    const element = box.element;
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") || ""}"> ${JSON.stringify(text)}`;
  };

  // The part of a box that is not clipped; null if it is reachable by scrolling or is not visible.
  const clipped = (box, element) => {
    let { left, top, right, bottom } = box;
    for (let up = element; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.position === "fixed" || style.position === "absolute") {
        if (style.clipPath !== "none") return null;
      }
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      if (up === document.documentElement || up === document.body) continue;
      const frame = up.getBoundingClientRect();
      left = Math.max(left, frame.left);
      right = Math.min(right, frame.right);
      top = Math.max(top, frame.top);
      bottom = Math.min(bottom, frame.bottom);
    }
    return right - left > 1 && bottom - top > 1 ? { left, top, right, bottom } : null;
  };
  const scrolls = (element) => {
    for (let up = element; up && up !== document.body; up = up.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return true;
    return false;
  };

  const boxes = [];
  const take = (node, element, rects) => {
    for (const rect of rects) {
      if (rect.width < 1 || rect.height < 1) continue;
      const box = clipped(rect, element);
      if (!box) continue;
      boxes.push({ ...box, node, element });
      const wide = document.documentElement.clientWidth;
      if ((rect.right > wide + 1 || rect.left < -1) && !scrolls(element)) faults.push(`cut off at ${Math.round(rect.left)}..${Math.round(rect.right)} of ${wide}: ${described({ node, element })}`);
    }
  };
  const CONTROLS = "button, input, select, textarea, svg";
  for (const element of document.body.querySelectorAll("*")) {
    if (["SCRIPT", "STYLE"].includes(element.tagName) || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.matches(CONTROLS)) take(element, element, [element.getBoundingClientRect()]);
    if (element.closest("svg, select")) continue;
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      take(node, element, range.getClientRects());
    }
  }

  // From top to bottom: only boxes that have not ended above can overlap the next box.
  boxes.sort((a, b) => a.top - b.top);
  let open = [];
  for (const box of boxes) {
    open = open.filter((other) => other.bottom > box.top);
    for (const other of open) {
      if (box.node === other.node || box.element.contains(other.node) && box.element.matches(CONTROLS) || other.element.contains(box.node) && other.element.matches(CONTROLS)) continue;
      const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
      const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
      if (across > SLACK && down > SLACK) faults.push(`${described(box)} lies over ${described(other)} by ${Math.round(across)}x${Math.round(down)}`);
    }
    open.push(box);
  }
  return { boxes: boxes.length, faults: faults.slice(0, 20) };
})()
