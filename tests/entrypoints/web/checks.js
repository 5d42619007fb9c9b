// Small accessibility checks, run inside a page; each returns a list of what is wrong.
(() => {
  "use strict";

  function channels(color) {
    const [red, green, blue, alpha = "1"] = color.match(/[\d.]+/g) ?? ["0", "0", "0", "0"];
    return [Number(red), Number(green), Number(blue), Number(alpha)];
  }

  function luminance([red, green, blue]) {
    const part = (value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  }

  function background(element) {
    for (let at = element; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] === 1) {
        return color;
      }
    }
    return [255, 255, 255, 1];
  }

  function shown(element) {
    return element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest(".visually-hidden");
  }

  function where(element) {
    return `${element.tagName.toLowerCase()}.${element.className?.baseVal ?? element.className} “${element.textContent.trim().slice(0, 40)}”`;
  }

  function contrast() {
    const wrong = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.textContent.trim() || !shown(element) || element.closest("svg") || element.matches("option, script")) {
        continue;
      }
      const style = getComputedStyle(element);
      const [light, dark] = [luminance(channels(style.color)), luminance(background(element))].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (large ? 3 : 4.5)) {
        wrong.add(`${ratio.toFixed(2)} ${where(element)}`);
      }
    }
    return [...wrong];
  }

  function name(element) {
    const labelledBy = element.getAttribute("aria-labelledby");
    const parts = [
      element.getAttribute("aria-label"),
      labelledBy && labelledBy.split(" ").map((id) => document.getElementById(id)?.textContent).join(" "),
      ...[...(element.labels ?? [])].map((label) => label.textContent),
      element.textContent,
    ];
    return parts.find((part) => part?.trim()) ?? "";
  }

  function names() {
    return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=img], [role=region], nav, aside")]
      .filter((element) => shown(element) && !name(element))
      .map(where);
  }

  function structure() {
    const wrong = [];
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    wrong.push(...ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `id ${id} twice`));
    for (const one of ["main", "header", "html[lang]", "title"]) {
      if (document.querySelectorAll(one).length < 1) {
        wrong.push(`no ${one}`);
      }
    }
    let level = 0;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
      const next = Number(heading.tagName[1]);
      if (next > level + 1) {
        wrong.push(`heading jumps to ${where(heading)}`);
      }
      level = next;
    }
    for (const table of document.querySelectorAll("table")) {
      if (!table.caption || table.querySelectorAll("thead th[scope=col]").length < 2) {
        wrong.push(`table without caption or headers: ${where(table)}`);
      }
    }
    wrong.push(...[...document.querySelectorAll("time")].filter((time) => Number.isNaN(Date.parse(time.dateTime))).map(where));
    return wrong;
  }

  function targets() {
    return [...document.querySelectorAll("button, summary, select, input:not([type=hidden]), .nav a, .tabs a, .button")]
      .filter(shown)
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.height < 24 || box.width < 24;
      })
      .map(where);
  }

  return { contrast: contrast(), names: names(), structure: structure(), targets: targets() };
})()
