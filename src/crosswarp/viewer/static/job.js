"use strict";
// Follows one job: its steps, the time that is left, and its end.
(() => {
  const id = document.body.dataset.job;
  const state = document.getElementById("state");
  const steps = document.getElementById("steps");
  const bar = document.getElementById("bar");
  const cancel = document.getElementById("cancel");
  const fault = document.getElementById("fault");
  const set = (element, text) => { if (element.textContent !== text) element.textContent = text; };

  function show(job) {
    const taken = job.steps.map((step) => step.seconds ?? Date.now() / 1000 - step.started);
    steps.replaceChildren(...job.steps.map((step, index) => {
      const item = document.createElement("li");
      item.textContent = step.seconds === null ? step.name : `${step.name}: ${taken[index].toFixed(1)} s`;
      if (step.seconds === null) item.className = "now";
      return item;
    }));
    const done = taken.reduce((sum, each) => sum + each, 0);
    const left = job.seconds_left;
    bar.value = job.state === "running" && left !== null ? done / Math.max(done + left, 0.1) : 0;
    bar.hidden = job.state !== "running";
    cancel.hidden = !["waiting", "running", "uploading"].includes(job.state);
    const now = job.steps.length ? job.steps[job.steps.length - 1].name : "starting";
    if (job.state === "waiting") set(state, job.before ? `Waiting: ${job.before} ${job.before === 1 ? "scan is" : "scans are"} classified before this one.` : "Waiting for its turn.");
    else if (job.state === "running") set(state, `Running: ${now}. About ${Math.ceil(left / 5) * 5} s left.`);
    else if (job.state === "uploading") set(state, "The scan is being sent.");
    else if (job.state === "cancelled") set(state, "Cancelled. The scan was deleted from the server.");
    else if (job.state === "failed") { set(state, "Failed: there is no answer for this scan."); set(fault, job.reason); }
  }

  async function renew() {
    let wait = 1000;
    try {
      const answer = await fetch(`/api/jobs/${id}`);
      const job = await answer.json();
      if (answer.status === 404) { set(state, "This job was deleted."); cancel.hidden = true; bar.hidden = true; return; }
      if (!answer.ok) throw new Error(job.detail);
      set(fault, "");
      if (job.state === "done") { location.reload(); return; }
      show(job);
      if (job.ended !== null) return;
    } catch {
      set(fault, "The server does not answer; this page goes on when it does.");
      wait = 3000;
    }
    setTimeout(renew, wait);
  }

  cancel.addEventListener("click", async () => {
    cancel.disabled = true;
    await fetch(`/api/jobs/${id}/cancel`, { method: "POST" }).catch(() => {});
    cancel.disabled = false;
  });
  renew();
})();
