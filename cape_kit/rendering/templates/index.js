(() => {
  "use strict";
  const body = document.querySelector("tbody.clients"), all = Array.from(body.rows), STEP = 200;
  const find = document.getElementById("find"), kind = document.getElementById("kind");
  const told = document.getElementById("told"), more = document.getElementById("more");
  const words = all.map((row) => `${row.textContent} ${row.dataset.folder || ""}`.toLowerCase());
  const flags = all.map((row) => (row.dataset.is || "").split(" "));
  let order = all.map((_, place) => place), shown = STEP, kept = [];
  // A client without a report has two cells: its name, and what went wrong, under all of the other heads.
  const last = document.querySelectorAll("button[data-column]").length - 1;
  const value = (place, column) => {
    const cells = all[place].cells, whole = cells.length > last;
    const cell = whole || column === 0 ? cells[column] : column === last ? cells[1] : undefined;
    return cell === undefined ? "" : cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v;
  };
  const draw = () => {
    body.replaceChildren(...kept.slice(0, shown).map((place) => all[place]));
    more.hidden = kept.length <= shown;
    told.textContent = `${kept.length.toLocaleString("en-US")} of ${all.length.toLocaleString("en-US")} clients`;
  };
  const sift = () => {
    const asked = find.value.toLowerCase().split(/\s+/).filter(Boolean), is = kind.value;
    kept = order.filter((place) => (!is || flags[place].includes(is)) && asked.every((one) => words[place].includes(one)));
    shown = STEP;
    draw();
  };
  document.querySelectorAll("button[data-column]").forEach((button) => {
    button.addEventListener("click", () => {
      const head = button.closest("th"), column = Number(button.dataset.column);
      // Amounts begin with the largest, names with the first, days with the soonest.
      const number = button.dataset.number === "1", now = head.getAttribute("aria-sort");
      const down = now ? now !== "descending" : number;
      document.querySelectorAll("th[aria-sort]").forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keys = all.map((_, place) => value(place, column)), sign = down ? -1 : 1;
      order = order.slice().sort((a, b) => {
        const left = keys[a], right = keys[b];
        if (left === "" || right === "") return (left === "") - (right === "");
        return sign * (number ? left - right : left.localeCompare(right, "en"));
      });
      sift();
    });
  });
  find.addEventListener("input", sift);
  kind.addEventListener("change", sift);
  more.querySelector("button").addEventListener("click", () => { shown += STEP; draw(); });
  document.getElementById("tools").hidden = false;
  sift();
  body.classList.remove("waiting");
})();
