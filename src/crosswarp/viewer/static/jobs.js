"use strict";
// Keeps the table of jobs up to date.
(() => {
  const body = document.getElementById("jobs");
  const names = { uploading: "being sent", waiting: "waiting", running: "running", done: "done", failed: "failed", cancelled: "cancelled" };
  const cell = (text) => { const made = document.createElement("td"); made.textContent = text; return made; };

  function row(job) {
    const made = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    const link = document.createElement("a");
    link.href = `/jobs/${job.id}`;
    link.textContent = job.label;
    head.append(link);
    let state = names[job.state];
    if (job.state === "running" && job.seconds_left !== null) state += `, about ${Math.ceil(job.seconds_left)} s left`;
    if (job.state === "waiting") state += `, ${job.before} before it`;
    made.append(head, cell(state), cell(job.model), cell(new Date(job.created * 1000).toLocaleTimeString()));
    return made;
  }

  async function renew() {
    try {
      const answer = await fetch("/api/jobs");
      const jobs = await answer.json();
      if (answer.ok && jobs.length) body.replaceChildren(...jobs.map(row));
      else if (answer.ok) body.replaceChildren((() => { const made = document.createElement("tr"); const one = cell("No jobs yet."); one.colSpan = 4; made.append(one); return made; })());
    } catch { /* the server is away; the next try may find it */ }
    setTimeout(renew, 2000);
  }
  renew();
})();
