// What the pages can do beyond HTML: remember a theme, copy, show tools as tabs, keep Overview fresh. All work without it.
"use strict";

(() => {
  const THEMES = ["system", "light", "dark"];

  function storedTheme() {
    try {
      const stored = localStorage.getItem("theme");
      return THEMES.includes(stored) ? stored : "system";
    } catch {
      return "system"; // Storage can be switched off.
    }
  }

  function applyTheme(theme) {
    if (theme === "system") {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = theme;
    }
  }

  // Before the first paint: this script is in the head.
  applyTheme(storedTheme());

  function announce(words) {
    const region = document.querySelector("[data-announce]");
    if (region) {
      region.textContent = words;
    }
  }

  function setUpTheme() {
    const button = document.querySelector("[data-theme-toggle]");
    const name = document.querySelector("[data-theme-name]");
    if (!button || !name) {
      return;
    }
    name.textContent = storedTheme();
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = THEMES[(THEMES.indexOf(storedTheme()) + 1) % THEMES.length];
      try {
        localStorage.setItem("theme", next);
      } catch {
        // Then it lasts for this page only.
      }
      applyTheme(next);
      name.textContent = next;
    });
  }

  async function copy(button) {
    const text = button.dataset.copy ?? button.parentElement.querySelector("pre").textContent;
    const label = button.querySelector(".copy-label");
    try {
      await navigator.clipboard.writeText(text);
      label.textContent = "Copied";
      button.classList.add("copied");
      announce("Copied");
    } catch {
      label.textContent = "Select it";
      announce("The browser did not allow copying. Select the text instead.");
    }
    setTimeout(() => {
      label.textContent = "Copy";
      button.classList.remove("copied");
    }, 1500);
  }

  function setUpCopying(root) {
    for (const button of root.querySelectorAll(".copy")) {
      button.hidden = false;
      button.addEventListener("click", () => copy(button));
    }
  }

  // A list of tools becomes tabs; without this script it is a list of foldable parts.
  function setUpTabs(root) {
    let number = 0;
    for (const group of root.querySelectorAll("[data-tools]")) {
      const parts = [...group.children].filter((part) => part.matches("details"));
      if (parts.length < 2) {
        continue;
      }
      const bar = document.createElement("div");
      bar.className = "tool-tabs";
      bar.setAttribute("role", "tablist");
      bar.setAttribute("aria-label", "Tool");
      const buttons = parts.map((part) => {
        const button = document.createElement("button");
        const id = `tool-${(number += 1)}-${Date.now().toString(36)}`;
        button.type = "button";
        button.id = `${id}-tab`;
        button.setAttribute("role", "tab");
        button.setAttribute("aria-controls", id);
        button.textContent = part.querySelector("summary span").textContent;
        if (part.querySelector(".tool-reason")) {
          button.dataset.closed = "";
          button.setAttribute("aria-description", "not available");
        }
        part.id = id;
        part.removeAttribute("name");
        part.setAttribute("role", "tabpanel");
        part.setAttribute("aria-labelledby", button.id);
        bar.append(button);
        return button;
      });
      const select = (chosen) => {
        buttons.forEach((button, index) => {
          button.setAttribute("aria-selected", String(index === chosen));
          button.tabIndex = index === chosen ? 0 : -1;
          parts[index].open = index === chosen;
          parts[index].hidden = index !== chosen;
        });
      };
      buttons.forEach((button, index) => {
        button.addEventListener("click", () => select(index));
        button.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (step) {
            const next = (index + step + buttons.length) % buttons.length;
            select(next);
            buttons[next].focus();
            event.preventDefault();
          }
        });
      });
      group.prepend(bar);
      group.classList.add("tabbed");
      select(Math.max(parts.findIndex((part) => !part.querySelector(".tool-reason")), 0));
    }
  }

  // Only while nobody reads with focus inside, selects text or has the page in the background.
  function setUpRefresh() {
    const seconds = Number(document.querySelector("main")?.dataset.refresh);
    if (!seconds) {
      return;
    }
    setInterval(async () => {
      const main = document.querySelector("main");
      const busy = document.hidden || main.contains(document.activeElement) || String(document.getSelection());
      if (busy) {
        return;
      }
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (!answer.ok) {
          return;
        }
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
        if (fresh) {
          main.replaceWith(fresh);
          setUpParts(fresh);
        }
      } catch {
        // The service is away; the page keeps what it shows, with its time below.
      }
    }, seconds * 1000);
  }

  function setUpParts(root) {
    setUpCopying(root);
    setUpTabs(root);
  }

  document.addEventListener("DOMContentLoaded", () => {
    setUpTheme();
    setUpParts(document);
    setUpRefresh();
  });
})();
