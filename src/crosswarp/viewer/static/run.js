"use strict";
// Filters the cohort table of a run.
(() => {
  const form = document.getElementById("filters");
  const rows = [...document.querySelectorAll("#cohort tr")];
  const scores = new Map(rows.map((row) => [row, JSON.parse(row.dataset.scores)]));
  const number = (id, other) => { const value = document.getElementById(id).valueAsNumber; return Number.isNaN(value) ? other : value; };

  function renew() {
    const text = document.getElementById("text").value.trim().toLowerCase();
    const model = document.getElementById("model").value;
    const chosen = [...form.querySelectorAll("[data-filter]")].filter((each) => each.value);
    const least = number("least", 0);
    const most = number("most", 1);
    let shown = 0;
    for (const row of rows) {
      const score = scores.get(row)[model];
      const fits = row.dataset.label.toLowerCase().includes(text) && score >= least && score <= most
        && chosen.every((each) => row.dataset[each.dataset.filter] === each.value);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    document.getElementById("count").textContent = `${shown} of ${rows.length} scans`;
  }
  form.addEventListener("input", renew);
  form.addEventListener("submit", (event) => event.preventDefault());
})();
