"use strict";
// Sends a file, or the files of a folder one by one, and opens the page of the job.
(() => {
  const form = document.getElementById("send");
  const fault = document.getElementById("fault");
  const sending = document.getElementById("sending");
  const bar = document.getElementById("sent");
  let request = null;
  let stopped = false;

  const say = (text) => { fault.textContent = text; };
  const model = () => {
    const chosen = document.getElementById("model");
    return chosen ? `model=${encodeURIComponent(chosen.value)}` : "";
  };

  function send(method, address, body, onShare) {
    return new Promise((resolve, reject) => {
      request = new XMLHttpRequest();
      request.open(method, address);
      request.upload.onprogress = (event) => onShare(event.loaded / Math.max(event.total, 1));
      request.onerror = () => reject(new Error(stopped ? "Sending was stopped." : "The connection to the server was lost; send the scan again."));
      request.onabort = () => reject(new Error("Sending was stopped."));
      request.onload = () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* no JSON: told below */ }
        if (request.status < 300) resolve(answer);
        else reject(new Error(answer.detail || `The server answered ${request.status}.`));
      };
      request.send(body);
    });
  }

  async function sendOne(file) {
    const query = [`name=${encodeURIComponent(file.name)}`, model()].filter(Boolean).join("&");
    return send("POST", `/api/jobs?${query}`, file, (share) => { bar.value = share; });
  }

  async function sendFolder(files) {
    const job = await send("POST", `/api/folders?${model()}`, null, () => {});
    for (const [number, file] of files.entries()) {
      if (stopped) throw new Error("Sending was stopped.");
      await send("PUT", `/api/folders/${job.id}/${number}`, file, () => {});
      bar.value = (number + 1) / files.length;
    }
    return send("POST", `/api/folders/${job.id}/end`, null, () => {});
  }

  async function start(files, isFolder) {
    const most = Number(form.dataset.limit);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    say("");
    if (!files.length) { say("There are no files in that folder."); return; }
    if (size > most) {
      say(`That is ${(size / 1e6).toFixed(0)} MB; this server takes at most ${(most / 1e6).toFixed(0)} MB. Send the T1w scan alone, compressed.`);
      return;
    }
    stopped = false;
    sending.hidden = false;
    bar.value = 0;
    try {
      const job = isFolder ? await sendFolder(files) : await sendOne(files[0]);
      location.assign(`/jobs/${job.id}`);
    } catch (error) {
      say(error.message);
      sending.hidden = true;
    }
  }

  // Browsers give the entries of a dropped folder a hundred at a time.
  async function filesBelow(entry) {
    if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) return found;
      for (const each of some) found.push(...await filesBelow(each));
    }
  }

  const visible = (files) => [...files].filter((file) => !file.name.startsWith("."));

  if (form) {
    const drop = document.getElementById("drop");
    form.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("file").addEventListener("change", (event) => start([...event.target.files], false));
    document.getElementById("directory").addEventListener("change", (event) => start(visible(event.target.files), true));
    document.getElementById("stop").addEventListener("click", () => { stopped = true; if (request) request.abort(); });
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", async (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
      if (entries.length === 1 && entries[0].isFile) { start(await filesBelow(entries[0]), false); return; }
      const lists = await Promise.all(entries.map(filesBelow));
      start(visible(lists.flat()), true);
    });
  }

  const choose = document.getElementById("choose");
  if (choose) {
    choose.addEventListener("submit", async (event) => {
      event.preventDefault();
      const scan = document.getElementById("scan").value;
      const query = [`scan=${encodeURIComponent(scan)}`, model()].filter(Boolean).join("&");
      try {
        const job = await send("POST", `/api/listed?${query}`, null, () => {});
        location.assign(`/jobs/${job.id}`);
      } catch (error) { say(error.message); }
    });
  }
})();
