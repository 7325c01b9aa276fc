// What is wrong with how the page is laid out, a line each: text or controls that lie over each other, and such that cannot be reached
// because they are cut off. Looks at what is painted, wherever in the tree it stands; the page is scrolled to its top.
(() => {
  scrollTo(0, 0);
  // Two boxes that share no more than this are neighbours: lines are often a little higher than their distance.
  const SLACK = 4;
  const faults = [];
  const described = (one) => {
    const text = (one.node.textContent || one.node.value || "").trim().replace(/\s+/g, " ").slice(0, 40);
    const element = one.element;
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") || ""}"> ${JSON.stringify(text)}`;
  };

  // What is left of a box after all that clips it; null where it can be scrolled to or is not to be seen.
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

  // From top to bottom: only what has not ended above can lie under the next.
  boxes.sort((a, b) => a.top - b.top);
  let open = [];
  for (const one of boxes) {
    open = open.filter((other) => other.bottom > one.top);
    for (const other of open) {
      if (one.node === other.node || one.element.contains(other.node) && one.element.matches(CONTROLS) || other.element.contains(one.node) && other.element.matches(CONTROLS)) continue;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > SLACK && down > SLACK) faults.push(`${described(one)} lies over ${described(other)} by ${Math.round(across)}x${Math.round(down)}`);
    }
    open.push(one);
  }
  return { boxes: boxes.length, faults: faults.slice(0, 20) };
})()
