// Small helps. Every page also works without them.
"use strict";

// Below 768 px a table turns into cards: each cell needs the heading of its column.
// So does, at any width, a field that has no other name.
for (const table of document.querySelectorAll(
  "#result_list, .inline-group table, table.fold",
)) {
  const headings = [...table.querySelectorAll("thead th")].map((cell) =>
    (cell.querySelector(".text") ?? cell).textContent.trim(),
  );
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.cells].forEach((cell, place) => {
      if (cell.tagName === "TD" && headings[place]) {
        cell.dataset.label = headings[place];
        for (const field of cell.querySelectorAll("input, select, textarea")) {
          if (!field.labels?.length) field.ariaLabel ??= headings[place];
        }
      }
    });
  }
  table.classList.add("cards");
}

// Filters standing above their list start folded; beside it, those after the third
// that narrow nothing do.
const filters = [...document.querySelectorAll("#changelist-filter details")];
const above = matchMedia("(width <= 1023px)").matches;
filters.forEach((filter, place) => {
  const narrows = filter.querySelector("li.selected:not(:first-child)");
  if (above || (place > 2 && !narrows)) filter.open = false;
});

// The stock's search box for a choice is named like the field it stands for, in the
// moment it appears: that is before or after the page's load.
for (const field of document.querySelectorAll("select.admin-autocomplete")) {
  const [label] = field.labels;
  if (!label) continue;
  label.id ||= `${field.id}_label`;
  new MutationObserver(() => {
    const named = "[role=combobox], [role=textbox]";
    for (const box of field.parentElement.querySelectorAll(named)) {
      box.setAttribute("aria-labelledby", label.id);
    }
  }).observe(field.parentElement, { childList: true });
}

// One menu is open at a time; Escape and a click elsewhere close it.
const menus = [...document.querySelectorAll("details.drop")];
const closeMenus = (kept) => {
  for (const menu of menus) {
    if (menu !== kept) menu.open = false;
  }
};
document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.drop"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const inside = document.activeElement?.closest("details.drop[open]");
  closeMenus();
  inside?.querySelector("summary").focus();
});

// <button data-copy="#field"> copies a field and says so.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.querySelector(button.dataset.copy);
    field.select?.();
    await navigator.clipboard.writeText(field.value ?? field.textContent.trim());
    const before = button.textContent;
    button.textContent = button.dataset.said;
    setTimeout(() => (button.textContent = before), 2000);
  });
}

// <button data-print> prints the page.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// <main data-again="1"> asks for its page again after so many seconds, more slowly while
// nothing changes, and swaps in what did, so that focus and place on the page stay.
// Without a script a meta refresh in <noscript> does it.
const LONGEST_WAIT = 10;
const askAgain = async (main, waited) => {
  let wait = Math.min(waited * 1.25, LONGEST_WAIT);
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    if (answer.url !== location.href || !fresh?.dataset.again) {
      location.replace(answer.url);
      return;
    }
    if (fresh.textContent !== main.textContent) {
      wait = fresh.dataset.again;
      main.innerHTML = fresh.innerHTML;
      document.title = page.title;
      const news = main.querySelector("[data-news]");
      document.querySelector("[data-said]").textContent = news?.innerText;
    }
  } catch {
    // No network just now: the next round asks again.
  }
  waitAndAsk(main, wait);
};
const waitAndAsk = (main, wait) => setTimeout(askAgain, wait * 1000, main, wait);
for (const main of document.querySelectorAll("main[data-again]")) {
  waitAndAsk(main, main.dataset.again);
}
